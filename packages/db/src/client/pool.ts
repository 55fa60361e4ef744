import postgres from "postgres";
import { DbError, toDbError } from "./pg-error.ts";

export type Sql = postgres.Sql;

export type PoolOptions = {
  readonly max: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Kept prepared by connection; must be false behind a pooler in transaction mode, where it hangs. */
  readonly prepare?: boolean;
};

/** How a pool is used now. */
export type PoolUsage = {
  readonly name: string;
  /** Connections that it may have. */
  readonly max: number;
  /** Queries that have a connection, and those that wait for one. */
  readonly running: number;
  readonly waiting: number;
  /** How often the server was silent, so that all connections were given up. */
  readonly replaced: number;
};

/** A pool of connections in which every wait is bounded. */
export type Pool = {
  /**
   * Runs a query within `deadlineMs`, counted from the call, waiting for a connection included.
   * Throws DbError: `unavailable` with code DEADLINE when the time is over; the statement may still commit.
   */
  run<T>(query: (sql: Sql) => Promise<T>, deadlineMs: number): Promise<T>;
  usage(): PoolUsage;
  /** Lets running queries finish for at most `graceMs`, then drops the connections. */
  close(graceMs: number): Promise<void>;
};

/**
 * Opens a pool; no connection is made before the first query.
 * When a query misses its deadline the server is frozen or gone without a word, and so are the pool's other
 * connections: the pool is replaced by a fresh one, so that recovery does not wait for TCP to notice.
 */
export function openPool(url: string, options: PoolOptions): Pool {
  let sql = connect(url, options);
  let underWay = 0;
  let replaced = 0;

  return {
    async run(query, deadlineMs) {
      const used = sql;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new DbError("unavailable", "DEADLINE", null)), deadlineMs);
      });
      underWay += 1;
      const answer = query(used);
      try {
        return await Promise.race([answer, deadline]);
      } catch (error) {
        answer.catch(() => undefined);
        if (error instanceof DbError && error.code === "DEADLINE" && used === sql) {
          sql = connect(url, options);
          replaced += 1;
          used.end({ timeout: 0 }).catch(() => undefined);
        }
        throw toDbError(error);
      } finally {
        clearTimeout(timer);
        underWay -= 1;
      }
    },
    usage() {
      const running = Math.min(underWay, options.max);
      return { name: options.name, max: options.max, running, waiting: underWay - running, replaced };
    },
    async close(graceMs) {
      await sql.end({ timeout: graceMs / 1000 });
    },
  };
}

function connect(url: string, options: PoolOptions): Sql {
  return postgres(url, {
    max: options.max,
    prepare: options.prepare ?? false,
    // Type look-ups at connect would cost a round trip; no array or custom type is read here.
    fetch_types: false,
    connect_timeout: 3,
    // The default grows to 20 s, which would outlive the database's recovery.
    backoff: () => 0.25,
    idle_timeout: 300,
    onnotice: () => undefined,
    connection: { application_name: options.name },
  });
}
