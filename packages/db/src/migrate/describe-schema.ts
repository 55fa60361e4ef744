import type postgres from "postgres";
import { z } from "zod";
import { parsedRow } from "../client/run-function.ts";

/** A connection or a transaction. */
type Queryable = Pick<postgres.Sql, "unsafe">;

/**
 * Returns the live schema as SQL-like text, from the catalog. Unlike that of pg_dump, the text is the same on every
 * major of Postgres. Functions appear with signature, security, settings and the MD5 of their body; the bodies are in
 * `sql/functions/`.
 */
export async function describeSchema(sql: Queryable): Promise<string> {
  const parts = [
    await types(sql),
    await tables(sql),
    await indexes(sql),
    await policies(sql),
    await functions(sql),
    await journalTriggers(sql),
  ];
  return `${parts.flat().join("\n\n")}\n`;
}

const OWN = "in ('public'::regnamespace, 'call_ledger'::regnamespace)";

async function types(sql: Queryable): Promise<string[]> {
  const rows = await sql.unsafe(`
    select t.oid::regtype::text as name, string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) as labels
    from pg_type t join pg_enum e on e.enumtypid = t.oid where t.typnamespace ${OWN} group by t.oid order by 1`);
  return rows.map((row) => `create type ${row.name} as enum (${row.labels});`);
}

/** Lists come as JSON text, which can be read by a connection without array types. */
const list = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));
const tableRow = z.object({
  name: z.string(),
  composite: z.boolean(),
  columns: list,
  constraints: list,
  triggers: list,
  secured: z.boolean(),
  forced: z.boolean(),
});

async function tables(sql: Queryable): Promise<string[]> {
  const rows = await sql.unsafe(`
    select c.oid::regclass::text as name, c.relkind = 'c' as composite,
      to_json(array(
        select '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
          || case when a.attstorage <> t.typstorage then ' storage ' || a.attstorage::text else '' end
          || case when a.attnotnull then ' not null' else '' end
          || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        from pg_attribute a join pg_type t on t.oid = a.atttypid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum))::text as columns,
      to_json(array(
        select '  constraint ' || conname || ' ' || pg_get_constraintdef(k.oid)
        from pg_constraint k where k.conrelid = c.oid and k.contype in ('c', 'u', 'p', 'f')
        order by k.conname))::text as constraints,
      to_json(array(
        select pg_get_triggerdef(g.oid) || ';' from pg_trigger g
        where g.tgrelid = c.oid and not g.tgisinternal order by g.tgname))::text as triggers,
      c.relrowsecurity as secured, c.relforcerowsecurity as forced
    from pg_class c where c.relnamespace ${OWN} and c.relkind in ('r', 'p', 'c') order by c.relkind, 1`);
  return rows.map((found) => {
    const row = parsedRow(tableRow, found);
    const kind = row.composite ? "type" : "table";
    const body = [...row.columns, ...row.constraints].join(",\n");
    const extras = [
      ...(row.secured ? [`alter table ${row.name} enable row level security;`] : []),
      ...(row.forced ? [`alter table ${row.name} force row level security;`] : []),
      ...row.triggers,
    ];
    return [`create ${kind} ${row.name} ${row.composite ? "as " : ""}(\n${body}\n);`, ...extras].join("\n");
  });
}

async function indexes(sql: Queryable): Promise<string[]> {
  const rows = await sql.unsafe(`
    select pg_get_indexdef(i.indexrelid) as definition from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace ${OWN} and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    order by i.indexrelid::regclass::text`);
  return rows.map((row) => `${row.definition};`);
}

async function policies(sql: Queryable): Promise<string[]> {
  const rows = await sql.unsafe(`
    select p.polname as name, p.polrelid::regclass::text as table_name, p.polcmd as command,
      (select string_agg(r::regrole::text, ', ' order by r::regrole::text) from unnest(p.polroles) r) as roles,
      pg_get_expr(p.polqual, p.polrelid) as reads, pg_get_expr(p.polwithcheck, p.polrelid) as writes
    from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace ${OWN} order by 2, 1`);
  const commands: Record<string, string> = { r: "select", a: "insert", w: "update", d: "delete", "*": "all" };
  return rows.map(
    (row) =>
      `create policy ${row.name} on ${row.table_name} for ${commands[row.command]} to ${row.roles}` +
      `${row.reads === null ? "" : ` using (${row.reads})`}${row.writes === null ? "" : ` with check (${row.writes})`};`,
  );
}

async function functions(sql: Queryable): Promise<string[]> {
  const rows = await sql.unsafe(`
    select p.oid::regprocedure::text as signature, pg_get_function_result(p.oid) as result, l.lanname as language,
      p.provolatile as volatility, p.prosecdef as definer, coalesce(array_to_string(p.proconfig, ', '), '') as settings,
      case when p.prosecdef then p.proowner::regrole::text end as owner,
      md5(p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), '')) as body
    from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace ${OWN} order by 1`);
  return rows.map(
    (row) =>
      `-- function ${row.signature} returns ${row.result}\n--   ${row.language}, volatility ${row.volatility}` +
      `${row.definer ? `, security definer owned by ${row.owner}` : ""}, settings (${row.settings}), body ${row.body}`,
  );
}

/** Our triggers of Drizzle's journal. Its table is made by drizzle-kit, and is not described. */
async function journalTriggers(sql: Queryable): Promise<string[]> {
  const rows = await sql.unsafe(`
    select g.tgname as name, pg_get_triggerdef(g.oid) as definition from pg_trigger g
    where g.tgrelid = to_regclass('drizzle.__drizzle_migrations') and not g.tgisinternal order by 1`);
  return rows.map(({ name, definition }) => `-- trigger ${name} of Drizzle's journal\n${definition};`);
}
