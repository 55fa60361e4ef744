import type { Environment } from "@call-ledger/config";
import type { Administration } from "@call-ledger/db/access";
import { openAdministration } from "@call-ledger/db/access";
import { ownerUrl } from "../database/owner-url.ts";

/** Works on the quarantine with the role of the API's operator, on a connection of its own. Throws DbError. */
export async function withQuarantine<T>(
  env: Environment,
  work: (run: Administration["asOperator"]) => Promise<T>,
): Promise<T> {
  const { asOperator, pool } = openAdministration(ownerUrl(env), { max: 1, name: "call-ledger ops" });
  try {
    return await work(asOperator);
  } finally {
    await pool.close(1_000);
  }
}
