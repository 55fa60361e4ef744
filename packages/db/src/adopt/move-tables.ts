import type postgres from "postgres";
import type { OldTables } from "./old-tables.ts";
import { ADOPTED } from "./old-tables.ts";

/** Functions of the guide's era that bear the names of ours: they may not shadow them. */
const SHADOWING = [
  "create_inbound_call_atomically",
  "update_call_completed_atomically",
  "update_call_with_recording_atomically",
  "record_deliveries",
  "replay_waiting",
];

/**
 * Moves the old tables, with their indexes, constraints, sequences and triggers, and the functions that bear our names
 * into the schema `adopted`, all or nothing. Nobody but the owner reads there: row-level security is on without being
 * forced, and what strangers were granted is taken back.
 */
export async function moveTables(sql: postgres.Sql, { columns }: OldTables): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe("set local lock_timeout = '5s'");
    await tx.unsafe(`create schema if not exists ${ADOPTED}`);
    await tx.unsafe(`comment on schema ${ADOPTED} is
      'The tables of the system before call-ledger, as adopt found them. call-ledger does not need them.'`);
    for (const table of columns.keys()) {
      await tx.unsafe(`alter table public.${table} set schema ${ADOPTED}`);
      await tx.unsafe(
        `alter table ${ADOPTED}.${table} enable row level security, no force row level security`,
      );
    }
    const routines = await tx<{ signature: string }[]>`
      select p.oid::regprocedure::text as signature from pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname in ${tx(SHADOWING)}`;
    for (const { signature } of routines) {
      await tx.unsafe(`alter routine ${signature} set schema ${ADOPTED}`);
    }
    await tx.unsafe(`create table ${ADOPTED}.unattributed (
      table_name text not null,
      row_id text not null,
      provider_call_id text,
      reason text not null,
      primary key (table_name, row_id))`);
    await tx.unsafe(`alter table ${ADOPTED}.unattributed enable row level security`);
    await revokeFromStrangers(tx);
  });
}

async function revokeFromStrangers(tx: postgres.TransactionSql): Promise<void> {
  const roles = await tx<{ name: string }[]>`
    select quote_ident(rolname) as name from pg_roles where rolname in ('anon', 'authenticated', 'service_role')`;
  for (const stranger of ["public", ...roles.map(({ name }) => name)]) {
    await tx.unsafe(`revoke all on schema ${ADOPTED} from ${stranger}`);
    await tx.unsafe(`revoke all on all tables in schema ${ADOPTED} from ${stranger}`);
    await tx.unsafe(`revoke all on all sequences in schema ${ADOPTED} from ${stranger}`);
    await tx.unsafe(`revoke all on all routines in schema ${ADOPTED} from ${stranger}`);
  }
}
