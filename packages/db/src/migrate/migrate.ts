import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyPending } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { guideEraTables } from "../adopt/old-tables.ts";
import { ownerConnection } from "../client/owner-connection.ts";
import { toDbError } from "../client/pg-error.ts";
import type { AppliedMigration } from "./journal.ts";
import { journalFault, MIGRATIONS_FOLDER, readJournal } from "./journal.ts";

export type MigrateReport = {
  /** Tags of the migrations that this run applied, oldest first. */
  readonly applied: readonly string[];
  /** The tag of the newest migration that the database now has. */
  readonly version: string;
};

/** The database cannot be migrated as it is; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** A pipeline may be the first to wake a database that sleeps. */
const CONNECT_SECONDS = 10;

/** The advisory lock that all migrators of a database share: the bytes of "call". */
const MIGRATION_LOCK = 0x63616c6c;
const ROLES = [
  "call_ledger_definer",
  "call_ledger_writer",
  "call_ledger_reader",
  "call_ledger_worker",
  "call_ledger_operator",
];

/**
 * Brings a database to the newest migration: Drizzle's migrator, with what it leaves out.
 * One migrator at a time (a transaction's lock on a connection of its own, which a pooler keeps too), a strictly
 * growing journal, unedited files, bounded waits for tables that are in use, and the count checked afterwards.
 * Throws MigrationError with what to do, or DbError when the database cannot be reached.
 */
export async function migrate(
  ownerUrl: string,
  options: { readonly log?: (line: string) => void; readonly folder?: string } = {},
): Promise<MigrateReport> {
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  const log = options.log ?? (() => undefined);
  const guard = ownerConnection(ownerUrl, "call-ledger migrate", CONNECT_SECONDS);
  const worker = ownerConnection(ownerUrl, "call-ledger migrate", CONNECT_SECONDS);
  try {
    return await guard.begin(async (held) => {
      await held`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      await assertMayMigrate(worker);
      return await apply(worker, folder, log);
    });
  } catch (error) {
    throw error instanceof MigrationError ? error : describe(error);
  } finally {
    await Promise.all([guard.end({ timeout: 1 }), worker.end({ timeout: 1 })]);
  }
}

async function apply(sql: postgres.Sql, folder: string, log: (line: string) => void): Promise<MigrateReport> {
  const journal = readJournal(folder);
  const before = await appliedMigrations(sql);
  assertSound(journalFault(journal, before));
  const pending = journal.slice(before.length);
  const newest = journal.at(-1)?.tag ?? "";
  if (pending.length === 0) return { applied: [], version: newest };

  for (const { tag } of pending) log(`applying ${tag}`);
  await sql.unsafe("set lock_timeout = '5s'");
  await applyPending(drizzle(sql), { migrationsFolder: folder });

  const after = await appliedMigrations(sql);
  assertSound(journalFault(journal, after));
  if (after.length !== journal.length) {
    throw new MigrationError(`${journal.length} migrations were expected, the database has ${after.length}`);
  }
  return { applied: pending.map(({ tag }) => tag), version: newest };
}

async function appliedMigrations(sql: postgres.Sql): Promise<AppliedMigration[]> {
  const [found] = await sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`;
  if (found?.there !== true) return [];
  const rows = await sql`select hash, created_at from drizzle.__drizzle_migrations order by created_at, id`;
  return rows.map((row) => ({ hash: String(row.hash), createdAt: Number(row.created_at) }));
}

async function assertMayMigrate(sql: postgres.Sql): Promise<void> {
  const [state] = await sql`
    select
      (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as makes_roles,
      (select count(*)::int from pg_roles where rolname in ${sql(ROLES)}) as roles,
      not exists (
        select from pg_roles r where r.rolname in ('call_ledger_definer', 'call_ledger_operator')
          and not pg_has_role(current_user, r.oid, 'usage')
          and current_setting('server_version_num')::int >= 160000
          and not pg_has_role(current_user, r.oid, 'usage with admin option')) as may_join_roles,
      has_schema_privilege(current_user, 'public', 'create') as makes_tables,
      to_regclass('drizzle.__drizzle_migrations') is null as unmigrated,
      to_regclass('drizzle.__drizzle_migrations') is null and to_regclass('public.calls') is not null as strange,
      current_user as me`;
  const old = state?.unmigrated === true ? await guideEraTables(sql) : [];
  if (old.length > 0) {
    throw new MigrationError(
      `the database holds the tables of the deployment guide's era (${old.join(", ")}), which call-ledger did not create: run the command adopt, which moves them aside, migrates, and books their calls`,
    );
  }
  if (state?.strange === true) {
    throw new MigrationError(
      "the database has a table public.calls that call-ledger did not create: use another database, or move those tables to another schema first",
    );
  }
  if (state?.makes_roles !== true && state?.roles !== ROLES.length) {
    throw new MigrationError(
      `role ${state?.me} may not create roles: as an administrator run  ALTER ROLE "${state?.me}" CREATEROLE`,
    );
  }
  if (state?.may_join_roles !== true) {
    throw new MigrationError(
      `another database of this cluster was migrated by another role, which owns call-ledger's roles: as an administrator run  GRANT call_ledger_definer, call_ledger_operator TO "${state?.me}"`,
    );
  }
  if (state?.makes_tables !== true) {
    throw new MigrationError(
      `role ${state?.me} may not create tables: as an administrator run  GRANT CREATE ON SCHEMA public TO "${state?.me}"`,
    );
  }
}

function assertSound(fault: string | null): void {
  if (fault !== null) throw new MigrationError(fault);
}

function describe(error: unknown): Error {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const mapped = toDbError(cause);
  if (mapped.kind === "unavailable" && mapped.code !== "55P03") return mapped;
  const said = cause instanceof postgres.PostgresError ? cause.message : String(cause);
  const hint = mapped.code === "55P03" ? ": a table is in use, try again when it is quieter" : "";
  return new MigrationError(
    `the migration failed and nothing of it was applied: ${said} (${mapped.code})${hint}`,
  );
}
