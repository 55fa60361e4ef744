import type postgres from "postgres";
import { DbError, toDbError } from "./pg-error.ts";

const LOCK_TIMEOUT = "5s";
/** How long a database may stay silent after it should have ended a statement. */
const SILENT_MS = 10_000;

type Bounds = {
  /** How long a statement may run. */
  readonly statementMs: number;
  readonly mode?: "" | "read only";
};

/**
 * Runs queries in a transaction that ends for sure: nothing waits for a lock longer than 5 s, and no statement runs
 * longer than `statementMs`. Any number of statements may follow each other. The timeouts end with the transaction, so
 * a pooler may stand between. Throws DbError: with code DEADLINE if the database falls silent, so that it is not known
 * whether it has committed.
 */
export async function boundedTransaction<T>(
  sql: postgres.Sql,
  work: (tx: postgres.TransactionSql) => Promise<T>,
  { statementMs, mode = "" }: Bounds,
): Promise<T> {
  const { promise: silent, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new DbError("unavailable", "DEADLINE", null));
  const timer = setTimeout(giveUp, statementMs + SILENT_MS);
  const transaction = sql.begin(mode, async (tx) => {
    await tx.unsafe(
      `set local lock_timeout = '${LOCK_TIMEOUT}'; set local statement_timeout = ${statementMs}`,
    );
    // Wrapped, because the driver awaits an array of queries in place of returning it.
    return { value: await work(restarting(timer, tx)) };
  });
  try {
    const { value } = await Promise.race([transaction, silent]);
    return value;
  } catch (error) {
    throw toDbError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Restarts the timer with each statement, so that the time of one is not the time of all. */
function restarting(timer: NodeJS.Timeout, tx: postgres.TransactionSql): postgres.TransactionSql {
  return new Proxy(tx, {
    apply(query, self, args) {
      timer.refresh();
      return Reflect.apply(query, self, args);
    },
    get(query, name) {
      timer.refresh();
      return Reflect.get(query, name);
    },
  });
}
