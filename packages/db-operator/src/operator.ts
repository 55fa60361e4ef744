import type { Actor, Administration, Change } from "@call-ledger/db/access";
import { openAdministration } from "@call-ledger/db/access";
import { sql } from "drizzle-orm";

/** The author in the audit of changes that are made by commands. */
export const OPERATOR: Actor = { kind: "operator", id: null, name: null };

/** Somebody waits at a terminal. */
const DEADLINE_MS = 30_000;

/**
 * Opens a connection with the role of the REST API's operator, and closes it when `work` is done. A statement waits for a
 * lock for at most 5 s. `asOperator` throws DbError, also for a login that is not the owner's.
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
        // The application's login may become the second role, but not the first.
        await db.execute(sql`set local role call_ledger_operator; set local role call_ledger_api_operator;
          set local lock_timeout = '5s'`);
        return change(db);
      }),
    );
  } finally {
    await pool.close(1_000);
  }
}

/**
 * Does the work in one transaction of the operator. Throws CursorRefused, and every other error as a DbError. So the work
 * returns what its caller has to tell apart.
 */
export function asOperator<T>(ownerUrl: string, work: (db: Change) => Promise<T>): Promise<T> {
  return withOperator(ownerUrl, (run) => run(work));
}
