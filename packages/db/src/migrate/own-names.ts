import { readFileSync } from "node:fs";
import { join } from "node:path";
import type postgres from "postgres";
import { MIGRATIONS_FOLDER, readJournal } from "./journal.ts";
import { legacyTables } from "./old-tables.ts";

/** The names that the migrations give to objects in `public`. */
export type OwnNames = {
  /** Tables and indexes. */
  readonly relations: readonly string[];
  /** Types; a table has one of its name. */
  readonly types: readonly string[];
  readonly functions: readonly string[];
};

export function ownNames(): OwnNames {
  const script = readJournal(MIGRATIONS_FOLDER)
    .map(({ tag }) => readFileSync(join(MIGRATIONS_FOLDER, `${tag}.sql`), "utf8"))
    .join("\n");
  const named = (pattern: RegExp) => [
    ...new Set([...script.matchAll(pattern)].map(([, name]) => name ?? "")),
  ];
  const tables = named(/^CREATE (?:UNLOGGED )?TABLE "(\w+)"/gm);
  return {
    relations: [
      ...tables,
      ...named(/\bCREATE (?:UNIQUE )?INDEX "(\w+)"/g),
      ...named(/\bCONSTRAINT "(\w+)" (?:PRIMARY KEY|UNIQUE)/g),
      ...named(/\bSEQUENCE NAME "(?:public"\.")?(\w+)"/g),
    ],
    types: [...tables, ...named(/^CREATE TYPE "public"\."(\w+)"/gm)],
    functions: named(/\bfunction public\.(\w+)/gi),
  };
}

/**
 * Returns objects in `public` that have the name of one of ours, each with its kind. They would prevent a migration.
 * `movesOld`: the legacy tables in `public` will be moved away, with their partitions, indexes and the functions with
 * our names.
 */
export async function namesTaken(
  sql: postgres.ISql,
  { movesOld }: { readonly movesOld: boolean },
): Promise<string[]> {
  const ours = ownNames();
  const old = movesOld ? await legacyTables(sql) : [];
  const rows = await sql<{ name: string }[]>`
    with recursive moving as (
      select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and c.relname = any (${`{${old.join(",")}}`}::text::text[])
      union select i.inhrelid from pg_inherits i join moving on moving.oid = i.inhparent)
    select 'public.' || c.relname || case when i.indrelid is null then '' else ' (index of ' || i.indrelid::regclass || ')' end as name
    from pg_class c left join pg_index i on i.indexrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relname in ${sql(ours.relations)}
      and c.oid not in (select oid from moving) and (i.indrelid is null or i.indrelid not in (select oid from moving))
      and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and c.relkind = 'S'
          and d.deptype in ('a', 'i') and d.refobjid in (select oid from moving))
    union all
    select 'public.' || t.typname || ' (type)' from pg_type t
    where t.typnamespace = 'public'::regnamespace and t.typrelid = 0 and t.typcategory <> 'A' and t.typname in ${sql(ours.types)}
    union all
    select 'public.' || regexp_replace(p.oid::regprocedure::text, '^public\\.', '') || ' (function)' from pg_proc p
    where ${!movesOld} and p.pronamespace = 'public'::regnamespace and p.proname in ${sql(ours.functions)}
    order by 1`;
  return rows.map(({ name }) => name);
}
