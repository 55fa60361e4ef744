/**
 * Has `cleanUp` run when the process ends before its time, whatever ends it but SIGKILL. Returns what runs it now, once.
 * `cleanUp` may not wait for anything.
 */
export function cleanedUp(cleanUp: () => void): () => void {
  const once = () => {
    process.off("exit", once);
    cleanUp();
  };
  process.on("exit", once);
  return once;
}
