import type { Administration, Change } from "@call-ledger/db/access";
import { drizzleSessions } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { sql } from "drizzle-orm";

/** The login itself, for all organizations. Somebody waits at a terminal. */
const SESSION = { role: "none", orgId: "", deadlineMs: 30_000 };

/** Opens a pool of connections as the database's owner, which closes at the end of its scope (`await using`). */
export function operatorPool(ownerUrl: string, max = 1): Pool & AsyncDisposable {
  const pool = openPool(ownerUrl, { max, name: "call-ledger ops" });
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.close(1_000) });
}

/**
 * Opens a connection as the database's owner for the functions that the REST API changes rows with, and closes it when
 * `work` is done. A statement waits for a lock for at most 5 s. `asOperator` throws CursorRefused, and every other
 * error of its work as a DbError, so that work returns what its caller has to tell apart.
 */
export async function withOperator<T>(
  ownerUrl: string,
  work: (asOperator: Administration["asOperator"]) => Promise<T>,
): Promise<T> {
  await using pool = operatorPool(ownerUrl);
  const run = drizzleSessions(pool);
  return await work((change) =>
    run(SESSION, async (db) => {
      await db.execute(sql`set local lock_timeout = '5s'`);
      return change(db);
    }),
  );
}

/** Does the work in one transaction of the operator. Throws as `withOperator`. */
export function asOperator<T>(ownerUrl: string, work: (db: Change) => Promise<T>): Promise<T> {
  return withOperator(ownerUrl, (run) => run(work));
}
