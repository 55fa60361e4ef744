import type postgres from "postgres";

/** The content of a table: its number of rows, and a checksum of all of them that does not depend on their order. */
type TableContent = { readonly rows: number; readonly checksum: string };

/** The content of tables by name with schema, such as `public.calls`. */
export type Content = Readonly<Record<string, TableContent>>;

/** Settings that change the text of a row. */
const TEXT_SETTINGS = [
  "set local timezone = 'UTC'",
  "set local datestyle = 'ISO, MDY'",
  "set local intervalstyle = 'postgres'",
  "set local bytea_output = 'hex'",
  "set local extra_float_digits = 1",
];

/** Statements of a backup or a restore take long, and our connection waits while pg_dump's works. */
export const NO_TIMEOUTS =
  "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0";

/**
 * The tables whose rows are backed up: the ledger's own tables, and all others in its own schema. The schema's note
 * about itself is left out, because the migrations write it, and so are unlogged tables, which have no meaning in
 * another cluster.
 */
export async function keptTables(tx: postgres.ISql): Promise<string[]> {
  const rows = await tx`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence = 'p' and (c.oid in (select call_ledger.own_tables())
       or (n.nspname = 'call_ledger' and c.relkind in ('r', 'p') and c.relname <> 'schema_state'))
    order by 1`;
  return rows.map(({ name }) => String(name));
}

/** Our tables that backups leave out and a restore must empty. */
export async function passingTables(tx: postgres.ISql): Promise<string[]> {
  const rows = await tx`
    select oid::regclass::text as name from pg_class
    where relpersistence = 'u' and oid in (select call_ledger.own_tables()) order by 1`;
  return rows.map(({ name }) => String(name));
}

/**
 * Counts and checksums in this transaction, read as the operator. Rows that row-level security would hide cause an
 * error.
 */
export async function contentOf(tx: postgres.TransactionSql, tables: readonly string[]): Promise<Content> {
  await tx.unsafe([...TEXT_SETTINGS, NO_TIMEOUTS, "set local role call_ledger_operator"].join("; "));
  const content: Record<string, TableContent> = {};
  for (const table of tables) {
    const [row] = await tx.unsafe(`
      select count(*)::text as rows,
        coalesce(sum(('x' || left(md5(one_row::text), 16))::bit(64)::bigint::numeric), 0)::text as checksum
      from ${table} one_row`);
    content[table] = { rows: Number(row?.rows), checksum: String(row?.checksum) };
  }
  await tx.unsafe("reset role");
  return content;
}
