import type { Actor, Administration, Change } from "@call-ledger/db/access";
import { openAdministration } from "@call-ledger/db/access";
import { sql } from "drizzle-orm";

/** The author in the audit of changes that are made by commands. */
export const OPERATOR: Actor = { kind: "operator", id: null, name: null };

/** Somebody waits at a terminal. */
const DEADLINE_MS = 30_000;

/**
 * Opens a connection with the role of the REST API's operator, and closes it when `work` is done. A statement waits for a
 * lock for at most 5 s. `asOperator` throws DbError.
 */
export async function withOperator<T>(
  ownerUrl: string,
  work: (asOperator: Administration["asOperator"]) => Promise<T>,
): Promise<T> {
  const options = { max: 1, name: "call-ledger ops", deadlineMs: DEADLINE_MS };
  const { asOperator, pool } = openAdministration(ownerUrl, options);
  try {
    return await work((change) =>
      asOperator(async (db) => {
        await db.execute(sql`set local lock_timeout = '5s'`);
        return change(db);
      }),
    );
  } finally {
    await pool.close(1_000);
  }
}

/** Does the work in one transaction of the operator. Throws the errors of the work, and DbError. */
export function asOperator<T>(ownerUrl: string, work: (db: Change) => Promise<T>): Promise<T> {
  return withOperator(ownerUrl, (run) => run(work));
}
