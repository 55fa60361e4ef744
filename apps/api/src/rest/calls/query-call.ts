import type { Queries, Reader } from "@call-ledger/db/read";
import { findCall } from "@call-ledger/db/read";
import { boundedIdentifier } from "@call-ledger/domain";
import { ApiProblem } from "../mount/api-problem.ts";
import { queryForRequest } from "../query-for-request.ts";

/**
 * Asks the database about one of the organization's calls. `call` is the call's id or the provider's id of it.
 * `question` gets the call's id, and returns `null` if the call is gone. Throws ApiProblem `not_found` and the errors
 * of `queryForRequest`.
 */
export async function queryCall<T>(
  reader: Reader,
  orgId: string,
  call: string,
  question: (db: Queries, id: string) => Promise<T | null>,
): Promise<T> {
  const name = boundedIdentifier(call);
  if (name === null) throw noCall();
  const answer = await queryForRequest(() =>
    reader.as(orgId, async (db) => {
      const id = await findCall(db, orgId, name);
      return id === null ? null : question(db, id);
    }),
  );
  if (answer === null) throw noCall();
  return answer;
}

function noCall(): ApiProblem {
  return new ApiProblem("not_found", { detail: "There is no such call." });
}
