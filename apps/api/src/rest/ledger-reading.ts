import { DbError } from "@call-ledger/db/errors";

/** The database cannot be read at the moment. `code` is a SQLSTATE or a driver's code, never a value. */
export class LedgerUnreadable extends Error {
  override readonly name = "LedgerUnreadable";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Runs a query. Throws LedgerUnreadable if the database does not answer, and all other errors of `question`. */
export async function reading<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof DbError && error.kind === "unavailable") throw new LedgerUnreadable(error.code);
    throw error;
  }
}
