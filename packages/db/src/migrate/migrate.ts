import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyPending } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { ownerConnection } from "../client/owner-connection.ts";
import { MigrationError, OperationRunning, SQLSTATE, toDbError } from "../client/pg-error.ts";
import { appliedMigrations } from "./applied-migrations.ts";
import { journalFault, MIGRATIONS_FOLDER, readJournal } from "./journal.ts";
import { migrationObstacle } from "./migration-obstacle.ts";
import { IN_PUBLIC, LOCK_TIMEOUT } from "./migration-settings.ts";
import { IN_OPERATION, operation } from "./operation.ts";
import { SHARED_ON_PURPOSE, sharedRoles } from "./shared-roles.ts";
import { tablesInUse } from "./tables-in-use.ts";

export type MigrateResult = {
  /** The tags of the migrations that this run applied, oldest first. */
  readonly applied: readonly string[];
  /** The tag of the newest migration that the database now has. */
  readonly version: string;
};

/** A pipeline may be the first to connect to a sleeping database. */
const CONNECT_SECONDS = 10;

/**
 * Brings a database to the newest migration, with Drizzle's migrator and additional checks: one operation at a time, a
 * strictly increasing journal, unedited files, bounded waits for tables in use, and the final count of migrations.
 * Refuses a second ledger on a server without `shareRoles`. Throws MigrationError with what to do, OperationRunning, or
 * DbError if the database cannot be reached.
 */
export async function migrate(
  ownerUrl: string,
  options: {
    readonly log?: (line: string) => void;
    readonly folder?: string;
    readonly shareRoles?: boolean;
  } = {},
): Promise<MigrateResult> {
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  const log = options.log ?? (() => undefined);
  await using sql = ownerConnection(ownerUrl, "call-ledger migrate", CONNECT_SECONDS);
  try {
    return await operation(ownerUrl, "migrate", async () => {
      assertSound(await migrationObstacle(sql, options));
      const shared = options.shareRoles === true ? null : await sharedRoles(sql);
      if (shared !== null) log(shared);
      return apply(sql, folder, log);
    });
  } catch (error) {
    if (error instanceof MigrationError || error instanceof OperationRunning) throw error;
    throw await migrationFailure(error, sql);
  }
}

async function apply(sql: postgres.Sql, folder: string, log: (line: string) => void): Promise<MigrateResult> {
  const journal = readJournal(folder);
  const before = await appliedMigrations(sql);
  assertSound(journalFault(journal, before));
  const pending = journal.slice(before.length);
  const newest = journal.at(-1)?.tag ?? "";
  if (pending.length === 0) return { applied: [], version: newest };

  const first = pending[0]?.tag ?? "";
  log(`applying ${pending.length === 1 ? first : `${pending.length} migrations, ${first} to ${newest}`}`);
  await sql.unsafe(
    `set lock_timeout = '${LOCK_TIMEOUT}'; set ${SHARED_ON_PURPOSE}; set ${IN_OPERATION}; set ${IN_PUBLIC}`,
  );
  await applyPending(drizzle(sql), { migrationsFolder: folder });

  const after = await appliedMigrations(sql);
  assertSound(journalFault(journal, after));
  if (after.length !== journal.length) {
    throw new MigrationError(`${journal.length} migrations were expected, the database has ${after.length}`);
  }
  return { applied: pending.map(({ tag }) => tag), version: newest };
}

function assertSound(fault: string | null): void {
  if (fault !== null) throw new MigrationError(fault);
}

/**
 * Returns a DbError if the database cannot be reached, and else a MigrationError with the reason of a failure. If a
 * table was in use, `sql` is asked who uses it.
 */
export async function migrationFailure(error: unknown, sql?: postgres.ISql): Promise<Error> {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const mapped = toDbError(cause);
  const isLocked = mapped.code === SQLSTATE.lockNotAvailable;
  if (mapped.kind === "unavailable" && !isLocked) return mapped;
  const message = cause instanceof postgres.PostgresError ? cause.message : String(cause);
  const users = isLocked && sql !== undefined ? await tablesInUse(sql).catch(() => "") : "";
  const advice = `: a table is in use${users && `: ${users}`}. End that transaction, or migrate when it has ended`;
  return new MigrationError(
    `the migration failed and nothing of it was applied: ${message} (${mapped.code})${isLocked ? advice : ""}`,
  );
}
