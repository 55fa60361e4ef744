import type { DatabaseFault } from "@call-ledger/db/errors";
import { databaseFault, SQLSTATE, toDbError } from "@call-ledger/db/errors";
import { holderOf } from "@call-ledger/db/migrate";
import { probeWrite } from "@call-ledger/db/read";
import type postgres from "postgres";

/** The other work in a database at the moment. */
export type Activity = {
  /** The running operation, such as `call-ledger migrate`; `null`: there is none. */
  readonly operation: string | null;
  /** The number of long transactions that this login may see. A migration would wait for their locks. */
  readonly longTransactions: number;
  /** The age of the oldest one in seconds; `null`: there is none. */
  readonly oldestSeconds: number | null;
};

/** The server's major version, such as 18. */
export async function serverMajor(sql: postgres.ISql): Promise<number> {
  const [row] = await sql`select current_setting('server_version_num')::int / 10000 as major`;
  return Number(row?.major);
}

const NOT_WRITTEN: ReadonlySet<string> = new Set([SQLSTATE.readOnlyTransaction, SQLSTATE.diskFull]);

/** Returns the reason why a database that answers accepts no writes; `null` if it accepts them. */
export async function writeFault(sql: postgres.Sql): Promise<DatabaseFault | null> {
  try {
    await probeWrite(sql);
    return null;
  } catch (error) {
    const { code } = toDbError(error);
    if (!NOT_WRITTEN.has(code)) throw error;
    const [row] = await sql`select current_database() as name`;
    return databaseFault(code, row?.name);
  }
}

/** Reads the activity. A transaction is long if it is open for `longSeconds`. */
export async function activity(sql: postgres.ISql, longSeconds: number): Promise<Activity> {
  const [row] = await sql<Omit<Activity, "operation">[]>`
    select
      count(*)::int as "longTransactions", floor(extract(epoch from max(age)))::int as "oldestSeconds"
    from (
      select now() - xact_start as age from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
        and xact_start < now() - make_interval(secs => ${longSeconds})) a`;
  if (row === undefined) throw new Error("a query of counts returned no row");
  return { ...row, operation: (await holderOf(sql))?.name ?? null };
}

/** Bytes of each ordinary table of the schemas public and call_ledger, indexes included. */
export async function tableSizes(sql: postgres.ISql): Promise<ReadonlyMap<string, number>> {
  const rows = await sql`
    select c.relname as name, pg_total_relation_size(c.oid)::float8 as bytes from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace in (
      select oid from pg_namespace where nspname in ('public', 'call_ledger'))`;
  return new Map(rows.map(({ name, bytes }) => [String(name), Number(bytes)]));
}

/** The rights of a URL's login on the ledger. */
export type LoginStanding = {
  readonly name: string;
  /** Whether it owns the tables, or is a superuser. */
  readonly ownsTables: boolean;
  /** Whether it may book; `null` before the first migration. */
  readonly mayBook: boolean | null;
  /** The settings with which a connection of this login cannot book; `null`: none. */
  readonly harmful: string | null;
};

export async function loginStanding(sql: postgres.ISql): Promise<LoginStanding> {
  const [row] = await sql<LoginStanding[]>`
    select r.rolname as name,
      r.rolsuper or exists (
        select from pg_class c where c.oid = to_regclass('public.calls') and pg_has_role(r.oid, c.relowner, 'member')
      ) as "ownsTables",
      case when to_regprocedure('public.record_deliveries(jsonb, bytea[])') is not null then
        has_function_privilege(to_regprocedure('public.record_deliveries(jsonb, bytea[])')::oid, 'execute')
      end as "mayBook",
      (
        select string_agg(s.name || ' = ' || s.setting, ' and ' order by s.name) from pg_settings s
        where s.name = 'default_transaction_isolation' and s.setting <> 'read committed'
          or s.name = 'default_transaction_read_only' and s.setting <> 'off'
      ) as harmful
    from pg_roles r where r.rolname = current_user`;
  if (row === undefined) throw new Error("the current user has no role");
  return row;
}

/** The size of the database in megabytes of 1,048,576 bytes. */
export async function databaseSizeMb(sql: postgres.ISql): Promise<number> {
  const [row] = await sql`select pg_database_size(current_database()) / 1048576.0 as mb`;
  return Math.round(Number(row?.mb) * 10) / 10;
}
