import postgres from "postgres";
import { DbError, mayFollowMigration, toDbError } from "./pg-error.ts";
import { reconnectSeconds } from "./reconnect.ts";

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
  /** How many connections were given up, because a query on them missed its deadline. */
  readonly replaced: number;
};

/** A pool of connections in which every wait is bounded. */
export type Pool = {
  /**
   * Runs a query within `deadlineMs`, counted from the call, waiting for a connection included. A query that fails because
   * the schema was changed under it runs once more, so it has to be one transaction.
   * Throws DbError: `unavailable` with code DEADLINE when the time is over; the statement may still commit.
   */
  run<T>(query: (sql: Sql) => Promise<T>, deadlineMs: number): Promise<T>;
  usage(): PoolUsage;
  /** Lets running queries finish for at most `graceMs`, then drops the connections. */
  close(graceMs: number): Promise<void>;
};

/** Somebody who waits for a connection. */
type Waiting = (connection: Sql) => void;

/**
 * Opens a pool; no connection is made before the first query. A query has its connection to itself, so one that misses
 * its deadline costs that connection and nobody else's. If the server has answered nothing since the query began, it is
 * frozen or gone without a word: then the idle connections are given up as well, so that recovery does not wait for TCP
 * to notice.
 */
export function openPool(url: string, options: PoolOptions): Pool {
  const idle: Sql[] = [];
  const busy = new Set<Sql>();
  const waiting: Waiting[] = [];
  let answeredAt = 0;
  let replaced = 0;
  let isClosed = false;

  const take = (): Sql | null => {
    if (busy.size >= options.max) return null;
    const connection = idle.pop() ?? connect(url, options);
    busy.add(connection);
    return connection;
  };
  const giveUp = (connection: Sql): void => {
    replaced += 1;
    connection.end({ timeout: 0 }).catch(() => undefined);
  };
  const release = (connection: Sql, isLost: boolean): void => {
    busy.delete(connection);
    if (isLost) giveUp(connection);
    else idle.push(connection);
    const [next] = waiting;
    const free = next === undefined ? null : take();
    if (next === undefined || free === null) return;
    waiting.shift();
    next(free);
  };
  /** Waits in line; who waits too long leaves it, and gives back what came at the same moment. */
  const nextFree = async (over: Promise<never>): Promise<Sql> => {
    const { promise: free, resolve } = Promise.withResolvers<Sql>();
    waiting.push(resolve);
    try {
      return await Promise.race([free, over]);
    } catch (error) {
      const place = waiting.indexOf(resolve);
      if (place >= 0) waiting.splice(place, 1);
      else void free.then((connection) => release(connection, false));
      throw error;
    }
  };
  const runOn = async <T>(connection: Sql, query: (sql: Sql) => Promise<T>, over: Promise<never>) => {
    const begunAt = performance.now();
    const answer = queryAgainAfterMigration(connection, query);
    let isLost = false;
    try {
      const result = await Promise.race([answer, over]);
      answeredAt = performance.now();
      return result;
    } catch (error) {
      answer.catch(() => undefined);
      const { code } = toDbError(error);
      isLost = code === "DEADLINE";
      if (SQLSTATE_FORM.test(code)) answeredAt = performance.now();
      if (isLost && answeredAt < begunAt) for (const one of idle.splice(0)) giveUp(one);
      throw toDbError(error);
    } finally {
      release(connection, isLost);
    }
  };
  return {
    async run(query, deadlineMs) {
      if (isClosed) throw new DbError("unavailable", "CONNECTION_ENDED", null);
      const { over, clear } = deadline(deadlineMs);
      try {
        const connection = take() ?? (await nextFree(over));
        return await runOn(connection, query, over);
      } finally {
        clear();
      }
    },
    usage() {
      return { name: options.name, max: options.max, running: busy.size, waiting: waiting.length, replaced };
    },
    async close(graceMs) {
      isClosed = true;
      const until = performance.now() + graceMs;
      while (busy.size > 0 && performance.now() < until) await delay(CLOSE_POLL_MS);
      await Promise.all([...idle, ...busy].map((connection) => connection.end({ timeout: 0 })));
    },
  };
}

async function queryAgainAfterMigration<T>(connection: Sql, query: (sql: Sql) => Promise<T>): Promise<T> {
  try {
    return await query(connection);
  } catch (error) {
    if (!mayFollowMigration(error)) throw error;
    return query(connection);
  }
}

const CLOSE_POLL_MS = 20;

/** What the server itself says; the driver's own codes are longer. */
const SQLSTATE_FORM = /^[0-9A-Z]{5}$/;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `over` rejects with DEADLINE after `ms`, unless it is cleared before. */
function deadline(ms: number): { readonly over: Promise<never>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DbError("unavailable", "DEADLINE", null)), ms);
  });
  over.catch(() => undefined);
  return { over, clear: () => clearTimeout(timer) };
}

function connect(url: string, options: PoolOptions): Sql {
  return postgres(url, {
    max: 1,
    prepare: options.prepare ?? false,
    // Type look-ups at connect would cost a round trip; no array or custom type is read here.
    fetch_types: false,
    connect_timeout: 3,
    backoff: reconnectSeconds,
    idle_timeout: 300,
    onnotice: () => undefined,
    connection: { application_name: options.name },
  });
}
