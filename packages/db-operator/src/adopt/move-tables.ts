import type { OldTables } from "@call-ledger/db/migrate";
import { ADOPTED } from "@call-ledger/db/migrate";
import type postgres from "postgres";

/** Legacy functions with the names of ours, which they must not shadow. */
const SHADOWING = [
  "create_inbound_call_atomically",
  "update_call_completed_atomically",
  "update_call_with_recording_atomically",
  "record_deliveries",
  "replay_waiting",
];

/** The table that lists the rows that stay behind. Only the owner has rights. */
export const UNATTRIBUTED = `
  create schema if not exists ${ADOPTED};
  create table if not exists ${ADOPTED}.unattributed (table_name text not null, row_id text not null,
    provider_call_id text, reason text not null, primary key (table_name, row_id));
  alter table ${ADOPTED}.unattributed enable row level security`;

/**
 * Moves the old tables, with their indexes, constraints, sequences and triggers, and the functions with our names
 * into the schema `adopted`, all or nothing. Only the owner can read them: row-level security is on without being
 * forced, and rights of other roles are revoked.
 */
export async function moveTables(sql: postgres.Sql, { columns }: OldTables): Promise<void> {
  const routines = await sql<{ signature: string }[]>`
    select p.oid::regprocedure::text as signature from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ${sql(SHADOWING)}`;
  const roles = await sql<{ name: string }[]>`
    select quote_ident(rolname) as name from pg_roles where rolname in ('anon', 'authenticated', 'service_role')`;
  const statements = [
    "set local lock_timeout = '5s'",
    UNATTRIBUTED,
    `comment on schema ${ADOPTED} is
      'The tables of the system before call-ledger, as adopt found them. call-ledger does not need them.'`,
    ...[...columns.keys()].flatMap((table) => [
      `alter table public.${table} set schema ${ADOPTED}`,
      `alter table ${ADOPTED}.${table} enable row level security, no force row level security`,
    ]),
    ...routines.map(({ signature }) => `alter routine ${signature} set schema ${ADOPTED}`),
    ...["public", ...roles.map(({ name }) => name)].flatMap(revokeAll),
  ];
  await sql.unsafe(["begin", ...statements, "commit"].join(";\n"));
}

function revokeAll(stranger: string): string[] {
  return [
    `revoke all on schema ${ADOPTED} from ${stranger}`,
    ...["tables", "sequences", "routines"].map(
      (kind) => `revoke all on all ${kind} in schema ${ADOPTED} from ${stranger}`,
    ),
  ];
}
