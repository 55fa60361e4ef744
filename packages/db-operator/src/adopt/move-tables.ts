import type { OldTables } from "@call-ledger/db/migrate";
import { ADOPTED, ownNames } from "@call-ledger/db/migrate";
import type postgres from "postgres";

/** The table that lists the rows that stay behind. Only the owner has rights. */
export const UNATTRIBUTED = `
  create schema if not exists ${ADOPTED};
  create table if not exists ${ADOPTED}.unattributed (table_name text not null, row_id text not null,
    provider_call_id text, reason text not null, primary key (table_name, row_id));
  alter table ${ADOPTED}.unattributed enable row level security`;

/** Legacy functions in `public` with the names of ours, which they must not shadow. */
export async function routinesToMove(sql: postgres.ISql): Promise<{ signature: string; owned: boolean }[]> {
  return sql<{ signature: string; owned: boolean }[]>`
    select p.oid::regprocedure::text as signature, pg_has_role(p.proowner, 'usage') as owned from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ${sql(ownNames().functions)} order by 1`;
}

/** A table with its schema, both quoted for SQL. */
type SqlName = { readonly schema: string; readonly name: string };

/** The partitions of the old tables in `public`, and tables that inherit from them, as SQL names. */
async function partitionsOf(sql: postgres.ISql, tables: readonly string[]): Promise<SqlName[]> {
  return sql<SqlName[]>`
    with recursive part as (
      select i.inhrelid from pg_inherits i join pg_class c on c.oid = i.inhparent
      where c.relnamespace = 'public'::regnamespace and c.relname in ${sql(tables)}
      union select i.inhrelid from pg_inherits i join part on part.inhrelid = i.inhparent)
    select quote_ident(n.nspname) as schema, quote_ident(c.relname) as name
    from part join pg_class c on c.oid = part.inhrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not (n.nspname = 'public' and c.relname in ${sql(tables)}) order by 1, 2`;
}

/** Moves one table, and hides its rows from all but the owner. */
function movedAway({ schema, name }: SqlName): string[] {
  return [
    `alter table ${schema}.${name} set schema ${ADOPTED}`,
    `alter table ${ADOPTED}.${name} enable row level security, no force row level security`,
  ];
}

/**
 * Moves the old tables, with their partitions, indexes, constraints, sequences and triggers, and the functions with our
 * names into the schema `adopted`, within the caller's transaction. Only the owner can read them: row-level security is
 * on without being forced, and rights of other roles are revoked.
 */
export async function moveTables(tx: postgres.TransactionSql, { columns }: OldTables): Promise<void> {
  const routines = await routinesToMove(tx);
  const partitions = await partitionsOf(tx, [...columns.keys()]);
  const roles = await tx<{ name: string }[]>`
    select quote_ident(rolname) as name from pg_roles where rolname in ('anon', 'authenticated', 'service_role')`;
  const statements = [
    "set local lock_timeout = '5s'",
    UNATTRIBUTED,
    `comment on schema ${ADOPTED} is
      'The tables of the system before call-ledger, as adopt found them. call-ledger does not need them.'`,
    ...[...columns.keys()].flatMap((table) => movedAway({ schema: "public", name: table })),
    ...partitions.flatMap(movedAway),
    ...routines.map(({ signature }) => `alter routine ${signature} set schema ${ADOPTED}`),
    ...["public", ...roles.map(({ name }) => name)].flatMap(revokeAll),
  ];
  await tx.unsafe(statements.join(";\n"));
}

function revokeAll(stranger: string): string[] {
  return [
    `revoke all on schema ${ADOPTED} from ${stranger}`,
    ...["tables", "sequences", "routines"].map(
      (kind) => `revoke all on all ${kind} in schema ${ADOPTED} from ${stranger}`,
    ),
  ];
}
