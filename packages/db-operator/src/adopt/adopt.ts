import { ownerConnection } from "@call-ledger/db/client";
import { DbError, SQLSTATE, toDbError } from "@call-ledger/db/errors";
import type { OldTable, OldTables } from "@call-ledger/db/migrate";
import {
  ADOPTED,
  findOldTables,
  isMigrated,
  MigrationError,
  migrate,
  OLD_TABLES,
} from "@call-ledger/db/migrate";
import type { Instant } from "@call-ledger/domain";
import type postgres from "postgres";
import { bookOldRows } from "./book-old-rows.ts";
import type { EndingNamed } from "./endings.ts";
import { moveTables } from "./move-tables.ts";
import type { Counts, UnattributedRow } from "./tally.ts";

export type AdoptionResult = Counts & {
  /** All that were found: the sum of the three. */
  readonly rows: number;
  /** By table, those that there are. */
  readonly tables: Readonly<Partial<Record<OldTable, Counts>>>;
  /** Calls of which something was booked, or would be. */
  readonly calls: number;
  /** The first of them; the table `adopted.unattributed` has all. */
  readonly unattributedRows: readonly UnattributedRow[];
  /** The provider's ids of assistants that agents of several organizations claim: none of these agents is live. */
  readonly contestedAssistants: readonly string[];
};

/** The database cannot be adopted as it is, and nothing was changed; the message says what to do. */
export class AdoptionError extends Error {
  override readonly name = "AdoptionError";
}

/** Adoption ended after the old tables were moved: run again, it goes on. */
export class AdoptionStopped extends Error {
  override readonly name = "AdoptionStopped";
}

export type AdoptionOptions = {
  /** Changes nothing and counts. */
  readonly dryRun: boolean;
  /** The provider's own reasons. */
  readonly endingNamed: EndingNamed;
  readonly now: Instant;
  readonly log: (line: string) => void;
};

/** The advisory lock that all adoptions of a database share: the bytes of "adop". */
const ADOPTION_LOCK = 0x61646f70;

/**
 * Brings a legacy database over: its tables move to the schema `adopted`, the schema is migrated,
 * and the rows are booked through the same merge as deliveries, under the least authority. It may be run again at any
 * time: what is booked is booked once. Throws AdoptionError, AdoptionStopped, or DbError.
 */
export async function adopt(ownerUrl: string, options: AdoptionOptions): Promise<AdoptionResult> {
  const guard = ownerConnection(ownerUrl, "call-ledger adopt", 10);
  const sql = ownerConnection(ownerUrl, "call-ledger adopt", 10);
  try {
    await guard.unsafe("begin; set local idle_in_transaction_session_timeout = 0");
    const [lock] = await guard`select pg_try_advisory_xact_lock(${ADOPTION_LOCK}) as ours`;
    if (lock?.ours !== true)
      throw new AdoptionError("another adopt is at work on this database: wait for it");
    return await adoptHeld(ownerUrl, sql, options);
  } catch (error) {
    throw error instanceof AdoptionError || error instanceof AdoptionStopped ? error : mapped(error);
  } finally {
    await Promise.all([guard.end({ timeout: 1 }), sql.end({ timeout: 1 })]);
  }
}

async function adoptHeld(
  ownerUrl: string,
  sql: postgres.Sql,
  options: AdoptionOptions,
): Promise<AdoptionResult> {
  const { dryRun, log, ...rest } = options;
  const { old, migrated } = await findAdoptable(sql);
  const run = { ownerUrl, log, ...rest };
  if (dryRun) return reportOf(old, await bookOldRows({ ...run, old, migrated, books: false }));

  if (old.schema === "public") {
    log(`moving ${old.columns.size} tables to the schema ${ADOPTED}`);
    await moveTables(sql, old).catch(notMoved);
  }
  try {
    await migrate(ownerUrl, { log });
    const moved = await findOldTables(sql, ADOPTED);
    if (moved === null) throw new Error("the tables that were moved are not there");
    return reportOf(moved, await bookOldRows({ ...run, old: moved, migrated: true, books: true }));
  } catch (error) {
    const failed = error instanceof MigrationError ? error : mapped(error);
    throw failed instanceof MigrationError || failed instanceof DbError
      ? new AdoptionStopped(failed.message)
      : failed;
  }
}

/** Throws AdoptionError where there is nothing to adopt, or it may not be. */
async function findAdoptable(sql: postgres.Sql): Promise<{ old: OldTables; migrated: boolean }> {
  const migrated = await isMigrated(sql);
  const moved = await findOldTables(sql, ADOPTED);
  const lying = migrated ? null : await findOldTables(sql, "public");
  if (moved !== null && lying !== null) {
    throw new AdoptionError(
      `the tables of the guide's era are in public and in ${ADOPTED} too: rename or drop one of the two schemas' tables`,
    );
  }
  const old = moved ?? lying;
  if (old === null) {
    throw new AdoptionError(
      "there are no tables of the deployment guide's era here (call_tracking, call_logs or calls with vapi_call_id): a new database needs migrate only",
    );
  }
  const [me] = await sql`select current_user as name, current_database() as here,
    has_database_privilege(current_database(), 'create') as makes_schemas`;
  if (old.foreign.length > 0) {
    throw new AdoptionError(
      `role ${me?.name} does not own ${old.foreign.join(", ")}: run adopt as the owner, or as an administrator run  ALTER TABLE … OWNER TO "${me?.name}"`,
    );
  }
  if (me?.makes_schemas !== true) {
    throw new AdoptionError(
      `role ${me?.name} may not create schemas: as an administrator run  GRANT CREATE ON DATABASE "${me?.here}" TO "${me?.name}"`,
    );
  }
  return { old, migrated };
}

/** As DbError what came from the database; a fault of ours as it is. */
function mapped(error: unknown): unknown {
  const failed = toDbError(error);
  return failed.code === "unknown" ? error : failed;
}

function notMoved(error: unknown): never {
  const failed = toDbError(error);
  if (failed.code === SQLSTATE.lockNotAvailable) {
    throw new AdoptionError("a table is in use: stop the old application first, then run adopt again");
  }
  throw failed;
}

function reportOf(old: OldTables, booked: Awaited<ReturnType<typeof bookOldRows>>): AdoptionResult {
  const { tally, calls, left, contested } = booked;
  const counts = tally.total();
  return {
    ...counts,
    rows: counts.moved + counts.unattributed + counts.duplicates,
    tables: Object.fromEntries(
      OLD_TABLES.filter((table) => old.columns.has(table)).map((table) => [table, tally.countsOf(table)]),
    ),
    calls,
    unattributedRows: left,
    contestedAssistants: contested,
  };
}
