import type postgres from "postgres";

/** The tables of the legacy system, in the order in which a call's rows are read. */
export const OLD_TABLES = [
  "organizations",
  "agents",
  "call_tracking",
  "call_logs",
  "calls",
  "call_transcripts",
  "recording_upload_queue",
  "failed_recording_uploads",
  "processed_webhook_events",
] as const;
export type OldTable = (typeof OLD_TABLES)[number];

/** The schema into which the legacy tables are moved. */
export const ADOPTED = "adopted";

/** The legacy tables in one schema, with the columns that they have. */
export type OldTables = {
  readonly schema: string;
  readonly columns: ReadonlyMap<OldTable, ReadonlySet<string>>;
  /** `table.column` of columns that are computed from others: generated ones, and indexes of text (tsvector). */
  readonly computed: ReadonlySet<string>;
  /** Tables that our login does not own. */
  readonly foreign: readonly OldTable[];
  /** Tables of which our login may not read every row. */
  readonly hidden: readonly OldTable[];
};

/** SQL: whether the login reads every row of the table `c`, without a change of the table. */
export const READS_ALL = `has_table_privilege(c.oid, 'select') and (not c.relrowsecurity
  or (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user)
  or pg_has_role(c.relowner, 'usage') and not c.relforcerowsecurity)`;

/** A database is a legacy one if it has one of these tables with a provider's id of the call. */
const CALL_TABLES = ["call_tracking", "call_logs", "calls"] as const;

/** Returns the legacy tables in a schema; `null` if there are none. Other tables of the same names do not count. */
export async function findOldTables(sql: postgres.ISql, schema: string): Promise<OldTables | null> {
  type Found = {
    name: OldTable;
    owned: boolean;
    readable: boolean;
    columns: { name: string; isComputed: boolean }[];
  };
  const rows = await sql<Found[]>`
    select c.relname as name, pg_has_role(c.relowner, 'usage') as owned,
      ${sql.unsafe(READS_ALL)} as readable,
      (select json_agg(json_build_object('name', a.attname,
         'isComputed', a.attgenerated <> '' or a.atttypid = 'tsvector'::regtype)) from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and c.relname in ${sql(OLD_TABLES)}`;
  const columns = new Map(
    rows.map((row) => [row.name, new Set(row.columns?.map(({ name }) => name))] as const),
  );
  const computed = rows.flatMap((row) =>
    (row.columns ?? []).flatMap(({ name, isComputed }) => (isComputed ? [`${row.name}.${name}`] : [])),
  );
  if (!CALL_TABLES.some((name) => columns.get(name)?.has("vapi_call_id"))) return null;
  return {
    schema,
    columns,
    computed: new Set(computed),
    foreign: rows.filter(({ owned }) => !owned).map(({ name }) => name),
    hidden: rows.filter(({ readable }) => !readable).map(({ name }) => name),
  };
}

/**
 * Returns the schemas with legacy tables, except the one into which adopt moves them. Schemas of the search path come
 * first, in its order.
 */
export async function legacySchemas(sql: postgres.ISql): Promise<{ name: string; isOnPath: boolean }[]> {
  return sql<{ name: string; isOnPath: boolean }[]>`
    select n.nspname as name, n.nspname = any (current_schemas(false)) as "isOnPath"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'vapi_call_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relname in ${sql(CALL_TABLES)} and n.nspname <> ${ADOPTED}
    group by n.nspname order by array_position(current_schemas(false), n.nspname), n.nspname`;
}

/** Returns the names of the legacy tables in `public`; `[]` if there are none. */
export async function legacyTables(sql: postgres.ISql): Promise<OldTable[]> {
  const found = await findOldTables(sql, "public");
  return found === null ? [] : OLD_TABLES.filter((name) => found.columns.has(name));
}

export async function isMigrated(sql: postgres.ISql): Promise<boolean> {
  // to_regclass fails if the login may not use a schema of that name.
  const rows = await sql`select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'call_ledger' and c.relname = 'schema_state'`;
  return rows.length > 0;
}
