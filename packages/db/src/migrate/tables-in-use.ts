import type postgres from "postgres";

const SHOWN = 3;

/**
 * Returns the transactions that hold our tables for longer than a migration waits, the oldest first, as a part of a
 * sentence; `""`: there are none any more, or this login sees none.
 */
export async function tablesInUse(sql: postgres.ISql): Promise<string> {
  const rows = await sql<{ pid: number; name: string; since: string; tables: string }[]>`
    select a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'somebody') as name,
      coalesce(to_char(a.xact_start at time zone 'UTC', 'HH24:MI:SS') || ' UTC', 'an unknown time') as since,
      string_agg(distinct c.relname, ', ') as tables
    from pg_locks l join pg_stat_activity a using (pid) join pg_class c on c.oid = l.relation and c.relkind = 'r'
    where l.granted and a.datname = current_database() and a.pid <> pg_backend_pid()
      and c.relnamespace in (select oid from pg_namespace where nspname in ('public', 'call_ledger'))
      and (a.xact_start is null or a.xact_start < now() - interval '4 seconds')
    group by a.pid, a.application_name, a.usename, a.xact_start order by a.xact_start limit ${SHOWN}`;
  return rows
    .map(({ pid, name, since, tables }) => `${tables} by ${name} (pid ${pid}, since ${since})`)
    .join("; ");
}
