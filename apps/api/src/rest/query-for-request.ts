import { DbError } from "@call-ledger/db/errors";
import { CursorRefused } from "@call-ledger/db/read";
import { reading } from "./ledger-reading.ts";
import { ApiProblem } from "./mount/api-problem.ts";

/** The deadline of a query that counts, which takes longer than a lookup. */
export const COUNTING_MS = 8_000;

/**
 * Runs a query with values of a request. Throws ApiProblem if the cursor or a value is refused,
 * LedgerUnreadable if the database does not answer, and all other errors of `question`.
 */
export async function queryForRequest<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await reading(question);
  } catch (error) {
    if (error instanceof CursorRefused) {
      const detail = "The cursor does not belong to this list. Begin without a cursor.";
      throw new ApiProblem("bad_request", { detail, errors: [{ field: "query.cursor", detail }] });
    }
    if (error instanceof DbError && error.kind === "refused") {
      throw new ApiProblem("bad_request", { detail: "A value is out of the range that can be stored." });
    }
    throw error;
  }
}
