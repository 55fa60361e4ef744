import postgres from "postgres";
import { DbError, mayFollowMigration, toDbError } from "./pg-error.ts";
import { reconnectSeconds } from "./reconnect.ts";

export type Sql = postgres.Sql;

export type PoolOptions = {
  readonly max: number;
  /** The name in pg_stat_activity. */
  readonly name: string;
  /**
   * Whether statements are kept prepared on each connection. Must be false behind a pooler in transaction mode, where
   * it hangs.
   */
  readonly prepare?: boolean;
};

/** The current use of a pool. */
export type PoolUsage = {
  readonly name: string;
  /** The max number of connections. */
  readonly max: number;
  /** `running`: queries that have a connection. `waiting`: queries that wait for one. */
  readonly running: number;
  readonly waiting: number;
  /** The number of connections that were given up because a query on them missed its deadline. */
  readonly replaced: number;
};

/** A pool of connections in which every wait has a limit. */
export type Pool = {
  /**
   * Runs a query within `deadlineMs`, including the wait for a connection. A query that fails because a migration
   * changed the schema meanwhile runs once more, so it has to be one transaction. Throws DbError. After the deadline it
   * is `unavailable` with the code DEADLINE, and the statement may still commit. An `owner`, such as an organization,
   * has at most half of the connections that the others leave. The owner with the smallest number gets the next one.
   */
  run<T>(query: (sql: Sql) => Promise<T>, deadlineMs: number, owner?: string): Promise<T>;
  usage(): PoolUsage;
  /** Lets running queries finish for at most `graceMs`, then drops the connections. */
  close(graceMs: number): Promise<void>;
};

/** A query that waits for a connection. */
type Waiting = { readonly owner: string | undefined; begin(connection: Sql): void };

/**
 * Opens a pool. No connection is made before the first query. Each query has its own connection, so a query that misses
 * its deadline costs only that connection. If the server has answered nothing since the query began, it is frozen or
 * has disappeared without a message. Then the idle connections are given up too, so that recovery does not wait for TCP
 * timeouts.
 */
export function openPool(url: string, options: PoolOptions): Pool {
  const idle: Sql[] = [];
  const busy = new Map<Sql, string | undefined>();
  const waiting: Waiting[] = [];
  let answeredAt = 0;
  let replaced = 0;
  let isClosed = false;

  const mayTake = (owner: string | undefined): boolean => {
    const held = heldBy(owner, busy);
    const left = options.max - busy.size;
    return left > 0 && (owner === undefined || held < Math.ceil((held + left) / 2));
  };
  const take = (owner: string | undefined): Sql | null => {
    if (!mayTake(owner)) return null;
    const connection = idle.pop() ?? connect(url, options);
    busy.set(connection, owner);
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
    const next = nextIn(waiting, busy, mayTake);
    const free = next === undefined ? null : take(next.owner);
    if (next === undefined || free === null) return;
    waiting.splice(waiting.indexOf(next), 1);
    next.begin(free);
  };
  /**
   * Waits in line. A query that waits too long leaves the line, and gives back a connection that arrives at the same
   * moment.
   */
  const nextFree = async (owner: string | undefined, over: Promise<never>): Promise<Sql> => {
    const { promise: free, resolve } = Promise.withResolvers<Sql>();
    const query = { owner, begin: resolve };
    waiting.push(query);
    try {
      return await Promise.race([free, over]);
    } catch (error) {
      const place = waiting.indexOf(query);
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
    async run(query, deadlineMs, owner) {
      if (isClosed) throw new DbError("unavailable", "CONNECTION_ENDED", null);
      const { over, clear } = deadline(deadlineMs);
      try {
        const connection = take(owner) ?? (await nextFree(owner, over));
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
      await Promise.all([...idle, ...busy.keys()].map((connection) => connection.end({ timeout: 0 })));
    },
  };
}

function heldBy(owner: string | undefined, busy: ReadonlyMap<Sql, string | undefined>): number {
  return owner === undefined ? 0 : [...busy.values()].filter((holder) => holder === owner).length;
}

/**
 * The query whose owner has the smallest number of connections, and may take one; of equal ones the one that waits
 * longest.
 */
function nextIn(
  waiting: readonly Waiting[],
  busy: ReadonlyMap<Sql, string | undefined>,
  mayTake: (owner: string | undefined) => boolean,
): Waiting | undefined {
  let next: { readonly query: Waiting; readonly held: number } | undefined;
  for (const query of waiting) {
    const held = heldBy(query.owner, busy);
    if (held === 0) return query;
    if (held < (next?.held ?? Number.POSITIVE_INFINITY) && mayTake(query.owner)) next = { query, held };
  }
  return next?.query;
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

/** The form of the server's own codes. The driver's codes are longer. */
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
    // Type look-ups at the start of a connection would cost a round trip. No array or custom type is read here.
    fetch_types: false,
    connect_timeout: 3,
    backoff: reconnectSeconds,
    idle_timeout: 300,
    onnotice: () => undefined,
    connection: { application_name: options.name, DateStyle: "ISO, MDY" },
  });
}
