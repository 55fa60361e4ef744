import { DbError } from "@call-ledger/db/errors";
import { CursorRefused } from "@call-ledger/db/read";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";

/**
 * Asks the ledger with what a request says. Throws ApiProblem for what cannot be asked, LedgerUnreadable, and else what
 * `question` throws.
 */
export async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await reading(question);
  } catch (error) {
    if (error instanceof CursorRefused) {
      const detail = "It is none of this list's. Begin without a cursor.";
      throw new ApiProblem("bad_request", { detail, errors: [{ field: "query.cursor", detail }] });
    }
    if (error instanceof DbError && error.kind === "refused") {
      throw new ApiProblem("bad_request", { detail: "A value is out of the range that can be stored." });
    }
    throw error;
  }
}
