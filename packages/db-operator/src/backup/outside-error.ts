/** An error of the caller's part of the work, which is not an answer of the database. */
export class OutsideError extends Error {
  override readonly name = "OutsideError";
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the work outside of the database failed");
    this.reason = reason;
  }
}

export async function outside<T>(work: Promise<T>): Promise<T> {
  return work.catch((reason: unknown) => {
    throw new OutsideError(reason);
  });
}
