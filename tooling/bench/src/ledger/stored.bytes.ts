import type postgres from "postgres";

/** Returns the bytes of each table with its indexes and TOAST, largest first, without empty tables. */
export async function storedBytes(sql: postgres.Sql): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ name: string; bytes: string }[]>`
    select c.relname as name, pg_total_relation_size(c.oid) as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname = 'public' order by bytes desc, name`;
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
}

/** Returns the bytes of stored content without row headers: packed payloads, and each column of the reports. */
export async function contentBytes(sql: postgres.Sql): Promise<ReadonlyMap<string, number>> {
  const [row] = await sql.unsafe(`
    select (select sum(octet_length(payload)) from processed_webhook_events) as payload,
      sum(pg_column_size(messages)) as messages, sum(pg_column_size(transcript)) as transcript,
      sum(coalesce(pg_column_size(summary), 0) + coalesce(pg_column_size(analysis), 0)
        + coalesce(pg_column_size(cost_breakdown), 0)) as analysis
    from (select set_config('call_ledger.system', 'on', false)) s, call_logs`);
  return new Map(Object.entries(row ?? {}).map(([name, bytes]) => [name, Number(bytes)]));
}

/** Returns the number of calls in the ledger. */
export async function countCalls(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select count(*)::int as count
    from (select set_config('call_ledger.system', 'on', false)) s, calls`;
  return Number(row?.count);
}
