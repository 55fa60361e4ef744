import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import type postgres from "postgres";
import { ownerConnection } from "../client/owner-connection.ts";
import { OperationRunning, toDbError } from "../client/pg-error.ts";

/** The advisory lock of an operation on a whole database: the bytes of "call". */
export const OPERATION_LOCK = 0x63616c6c;
/** The setting of an operation's other connections, which the trigger of Drizzle's journal reads. */
export const IN_OPERATION = "call_ledger.operation = 'on'";

/** Operations on a whole database. Only one runs at a time. */
export type OperationName = "adopt" | "backup" | "deploy" | "migrate" | "restore";

/** A pipeline may be the first to connect to a sleeping database. */
const CONNECT_SECONDS = 10;
/** The holder may have ended between a refusal and the query for its reason. */
const MAX_TRIES = 3;

const heldHere = new AsyncLocalStorage<string>();

/**
 * Runs `work` while no other operation works on the database of `ownerUrl`. An operation within another one on the same
 * database, such as the backup before a restore, is a part of it. The lock belongs to a transaction on its own
 * connection, which works with a pooler too. Throws OperationRunning immediately if the database is held, DbError if it
 * cannot be reached, and the errors of `work`.
 */
export async function operation<T>(
  ownerUrl: string,
  name: OperationName,
  work: () => Promise<T>,
): Promise<T> {
  if (heldHere.getStore() === ownerUrl) return work();
  const holder = `call-ledger ${name} on ${hostname().slice(0, 24)} (${process.pid})`;
  await using guard = ownerConnection(ownerUrl, holder, CONNECT_SECONDS);
  await hold(guard).catch((error: unknown) => {
    throw error instanceof OperationRunning ? error : toDbError(error);
  });
  return await heldHere.run(ownerUrl, work);
}

/** Throws OperationRunning if an operation works on the database of `ownerUrl`, and DbError if it cannot be reached. */
export async function assertNoOperation(ownerUrl: string): Promise<void> {
  await using sql = ownerConnection(ownerUrl, "call-ledger ops", CONNECT_SECONDS);
  const found = await holderOf(sql).catch((error: unknown) => {
    throw toDbError(error);
  });
  if (found !== null) throw new OperationRunning(refusal(found));
}

async function hold(guard: postgres.Sql): Promise<void> {
  await guard.unsafe("begin; set local idle_in_transaction_session_timeout = 0");
  for (let attempt = 1; ; attempt += 1) {
    const [row] = await guard`select pg_try_advisory_xact_lock(${OPERATION_LOCK}) as ours`;
    if (row?.ours === true) return;
    const found = await holderOf(guard);
    if (found !== null || attempt === MAX_TRIES) throw new OperationRunning(refusal(found));
  }
}

/** The holder of the lock. `since` is UTC; `null`: this login may not see it. */
type Holder = { readonly name: string; readonly pid: number; readonly since: string | null };

/** Returns the operation that holds a database, or `null`. */
export async function holderOf(sql: postgres.ISql): Promise<Holder | null> {
  const [holder] = await sql<Holder[]>`
    select coalesce(nullif(a.application_name, ''), a.usename, 'somebody') as name, a.pid,
      to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.classid = 0 and l.objid = ${OPERATION_LOCK} and l.objsubid = 1 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())`;
  return holder ?? null;
}

function refusal(holder: Holder | null): string {
  if (holder === null)
    return "Another operation has just ended on this database. Nothing was changed: try again.";
  const { name, pid, since } = holder;
  const when = since === null ? "" : `, since ${since} UTC`;
  return (
    `${name} works on this database${when}. Nothing was changed. Wait until it has ended, then try again. ` +
    `If nobody runs it any more, end its session: select pg_terminate_backend(${pid})`
  );
}
