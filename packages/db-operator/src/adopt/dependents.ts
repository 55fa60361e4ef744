import type { OldTables } from "@call-ledger/db/migrate";
import type postgres from "postgres";

/** Kinds of objects that depend on the old tables, and the effect of the move on each. */
export const FATES = {
  "foreign key":
    "points to the moved table: a new row that refers to a later organization or call is refused",
  view: "shows the moved rows, but no later ones",
  policy: "fails for all roles but the owner, because they cannot read the moved tables",
  "trigger of an old table": "moves with its table, and does not run again",
  "trigger that writes to them": "fails, or does nothing: the statement that it belongs to may be refused",
  function:
    "names them in its text: it finds call-ledger's tables of the same names, which have other columns and refuse it",
  publication: "publishes no more changes of them",
} as const;

/** An object outside of the old tables that depends on them, by the catalog. */
export type Dependent = {
  readonly kind: keyof typeof FATES;
  /** Its name in SQL. */
  readonly name: string;
  /** The old tables that it depends on. */
  readonly tables: readonly string[];
};

/**
 * Other objects of the old application that depend on the old tables in `public`. Bodies of functions are text to
 * Postgres, so a function counts if it has the name of an old table as a word; tables in dynamic statements are not
 * found.
 */
export async function readDependents(sql: postgres.Sql, old: OldTables): Promise<Dependent[]> {
  if (old.schema !== "public") return [];
  return sql.unsafe<Dependent[]>(DEPENDENTS, [`{${[...old.columns.keys()].join(",")}}`]);
}

const DEPENDENTS = `
with old as (
  select c.oid, c.relname::text as name from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname = any ($1::text[])
), mentions as (
  select p.oid, o.name from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  join old o on p.prosrc ~ ('\\m' || o.name || '\\M') or exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_class'::regclass and d.refobjid = o.oid)
  where not exists (
    select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
), found as (
  select 'foreign key' as kind, c.conname || ' of ' || c.conrelid::regclass as name, o.name as on_table
  from pg_constraint c join old o on o.oid = c.confrelid
  where c.contype = 'f' and c.conrelid not in (select oid from old)
  union
  select 'view', r.ev_class::regclass::text, o.name
  from pg_depend d join old o on o.oid = d.refobjid join pg_rewrite r on r.oid = d.objid
  where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
    and r.ev_class not in (select oid from old)
  union
  select 'policy', p.polname || ' of ' || p.polrelid::regclass, o.name
  from pg_depend d join old o on o.oid = d.refobjid join pg_policy p on p.oid = d.objid
  where d.classid = 'pg_policy'::regclass and d.refclassid = 'pg_class'::regclass
    and p.polrelid not in (select oid from old)
  union
  select 'trigger of an old table', t.tgname::text, o.name
  from pg_trigger t join old o on o.oid = t.tgrelid where not t.tgisinternal
  union
  select 'trigger that writes to them', t.tgname || ' of ' || t.tgrelid::regclass, m.name
  from pg_trigger t join mentions m on m.oid = t.tgfoid
  where not t.tgisinternal and t.tgrelid not in (select oid from old)
  union
  select 'function', m.oid::regprocedure::text, m.name from mentions m
  union
  select 'publication', p.pubname::text, o.name
  from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join old o on o.oid = r.prrelid
)
select kind, name, json_agg(on_table order by on_table) as tables
from found group by kind, name order by kind, name`;
