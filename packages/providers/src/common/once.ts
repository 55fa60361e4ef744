/** What `make` gives, made when it is first asked for; nothing that `make` holds is kept afterwards. */
export function once<T>(make: () => T): () => T {
  let pending: (() => T) | null = make;
  let made: T | undefined;
  return () => {
    if (pending !== null) {
      made = pending();
      pending = null;
    }
    return made as T;
  };
}
