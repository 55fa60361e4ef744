import type postgres from "postgres";

/** Rows that exist more than once although they must not: their number and a sample. */
export type Repeated = { readonly count: number; readonly sample: readonly string[] };

export type CallLogsOfADay = {
  readonly organizations: number;
  readonly calls: number;
  /** Calls without an organization, or of one that does not exist. */
  readonly strays: number;
};

export type NewestEvent = {
  readonly eventId: string;
  readonly eventType: string;
  readonly orgId: string | null;
  readonly createdAt: Date;
};

export type QuarantineOfADay = {
  /** Deliveries that could not be read, or that the database refused. */
  readonly broken: number;
  /** Deliveries that wait for an agent, or for a person's decision. */
  readonly waiting: number;
};

/** The tables with rows of an organization that may not lack it. */
const OF_ORGANIZATIONS = [
  "call_logs",
  "call_tracking",
  "calls",
  "processed_webhook_events",
  "recording_upload_queue",
];

const SAMPLE = 5;

/**
 * The names that belong to exactly one function of the schema public. With a second one it is ambiguous which one runs.
 */
export async function functionsNamed(sql: postgres.ISql, names: readonly string[]): Promise<string[]> {
  const rows = await sql`
    select p.proname as name from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ${sql(names)}
    group by p.proname having count(*) = 1`;
  return rows.map(({ name }) => String(name));
}

/**
 * The tables with a CHECK constraint on org_id, from the catalog: `information_schema.check_constraints` has no
 * `table_name`.
 */
export async function orgIdConstraints(sql: postgres.ISql, tables: readonly string[]): Promise<string[]> {
  const rows = await sql`
    select distinct c.relname as name from pg_constraint k join pg_class c on c.oid = k.conrelid
    where c.relnamespace = 'public'::regnamespace and c.relname in ${sql(tables)}
      and k.contype = 'c' and k.convalidated and k.conname like '%org_id%'`;
  return rows.map(({ name }) => String(name));
}

/** The names that are valid unique indexes, from `pg_index`, which says whether an index is valid. */
export async function soundIndexes(sql: postgres.ISql, names: readonly string[]): Promise<string[]> {
  const rows = await sql`
    select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace and c.relname in ${sql(names)}
      and i.indisvalid and i.indisunique`;
  return rows.map(({ name }) => String(name));
}

export async function callLogsOfADay(sql: postgres.ISql): Promise<CallLogsOfADay> {
  const [row] = await sql<CallLogsOfADay[]>`
    select count(o.id)::int as organizations, coalesce(sum(l.calls), 0)::int as calls,
      coalesce(sum(l.calls) filter (where o.id is null), 0)::int as strays
    from (
      select org_id, count(*) as calls from call_logs
      where created_at > now() - interval '24 hours' group by org_id) l
    left join organizations o on o.id = l.org_id`;
  return { organizations: row?.organizations ?? 0, calls: row?.calls ?? 0, strays: row?.strays ?? 0 };
}

export async function repeatedEvents(sql: postgres.ISql): Promise<Repeated> {
  return repeated(
    await sql`
      select event_id as what, count(*) over ()::int as all from processed_webhook_events
      group by event_id having count(*) > 1 limit ${SAMPLE}`,
  );
}

/** Calls with two rows in one of the three call tables. */
export async function repeatedCalls(sql: postgres.ISql): Promise<Repeated> {
  return repeated(
    await sql`
      select what, count(*) over ()::int as all from (
        select 'calls ' || provider_call_id as what from calls
        group by org_id, provider, provider_call_id having count(*) > 1
        union all
        select 'call_tracking ' || provider_call_id from call_tracking
        group by org_id, provider, provider_call_id having count(*) > 1
        union all
        select 'call_logs ' || provider_call_id from call_logs
        group by org_id, provider, provider_call_id having count(*) > 1) r
      limit ${SAMPLE}`,
  );
}

/** The newest events first. Payloads are not read, because they have telephone numbers and transcripts. */
export async function newestEvents(sql: postgres.ISql, limit: number): Promise<NewestEvent[]> {
  return sql<NewestEvent[]>`
    select event_id as "eventId", event_type as "eventType", org_id as "orgId", created_at as "createdAt"
    from processed_webhook_events order by created_at desc limit ${limit}`;
}

export async function quarantineOfADay(sql: postgres.ISql): Promise<QuarantineOfADay> {
  const [row] = await sql<QuarantineOfADay[]>`
    select count(*) filter (where reason in ('refused', 'unparseable', 'too_complex', 'no_call', 'call_id_too_long'))::int as broken,
      count(*) filter (where reason in ('unknown_agent', 'organization_conflict'))::int as waiting
    from quarantined_deliveries where replayed_at is null and received_at > now() - interval '24 hours'`;
  return { broken: row?.broken ?? 0, waiting: row?.waiting ?? 0 };
}

/** Counts the rows without an organization, by table. */
export async function rowsWithoutOrganization(
  sql: postgres.ISql,
): Promise<{ readonly table: string; readonly rows: number }[]> {
  const missing = [];
  for (const table of OF_ORGANIZATIONS) {
    const [row] = await sql`select count(*)::int as rows from ${sql(`public.${table}`)} where org_id is null`;
    missing.push({ table, rows: Number(row?.rows) });
  }
  return missing;
}

function repeated(rows: readonly postgres.Row[]): Repeated {
  return { count: Number(rows[0]?.all ?? 0), sample: rows.map(({ what }) => String(what)) };
}
