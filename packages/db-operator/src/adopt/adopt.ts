import { ownerConnection } from "@call-ledger/db/client";
import type { OldTable, OldTables } from "@call-ledger/db/migrate";
import {
  ADOPTED,
  applyMigrations,
  findOldTables,
  isMigrated,
  legacySchemas,
  MIGRATIONS_FOLDER,
  MigrationError,
  migrate,
  migrationFailure,
  OLD_TABLES,
  operation,
  readJournal,
} from "@call-ledger/db/migrate";
import type { Instant } from "@call-ledger/domain";
import type postgres from "postgres";
import { AdoptionError, beforeChange, halfWay, reading } from "./adoption-errors.ts";
import type { BookedRows } from "./book-old-rows.ts";
import { bookOldRows } from "./book-old-rows.ts";
import type { Columns } from "./columns.ts";
import type { Dependent } from "./dependents.ts";
import { readDependents } from "./dependents.ts";
import type { EndingNamed } from "./endings.ts";
import { moveTables, UNATTRIBUTED } from "./move-tables.ts";
import { adoptionObstacle } from "./obstacles.ts";
import { unreadableLines } from "./old-lines.ts";
import type { Counts, Deleted, UnattributedRow } from "./tally.ts";

export type AdoptionResult = Counts & {
  /** The number of all rows: the sum of the three. */
  readonly rows: number;
  /** The counts by table, for existing tables. */
  readonly tables: Readonly<Partial<Record<OldTable, Counts>>>;
  /** The number of calls for which something was booked, or would be. */
  readonly calls: number;
  /** The first unattributed rows. The table `adopted.unattributed` has all. */
  readonly unattributedRows: readonly UnattributedRow[];
  /** The provider's ids of assistants that agents of several organizations claim. None of these agents is live. */
  readonly contestedAssistants: readonly string[];
  /** Numbers, or the provider's ids of numbers, that live agents of several organizations claim. No agent has them. */
  readonly contestedNumbers: readonly string[];
  /** How much of this the application had deleted. It is adopted too. */
  readonly deleted: Deleted;
  /** Where each column went, by table. */
  readonly columns: Columns;
  /** Other objects that depended on the old tables before the move. Empty for tables that this run did not move. */
  readonly dependents: readonly Dependent[];
  /** The schema of the old tables. */
  readonly oldSchema: string;
};

export type AdoptionOptions = {
  /** Whether the run only counts and changes nothing. */
  readonly dryRun: boolean;
  /** The database with the old tables, which is only read; default: the ledger's own, in which they are moved. */
  readonly from?: string | undefined;
  /**
   * Whether nothing uses the old tables, so that a dry run may lock them. It has to if row-level security hides rows
   * from this login.
   */
  readonly applicationStopped?: boolean;
  /** Whether another ledger of the server may have rights in this one, and the reverse. */
  readonly shareRoles?: boolean;
  /** Translates the provider's own reasons. */
  readonly endingNamed: EndingNamed;
  readonly now: Instant;
  readonly log: (line: string) => void;
};

/**
 * Adopts a legacy database: moves its tables to the schema `adopted` and migrates the schema, both or neither, and
 * books the rows through the same merge as deliveries, with the lowest authority. Tables of another database
 * (`from`) are read where they are. It may run again at any time: every row is booked once.
 * Throws AdoptionError, AdoptionStopped, SourceFailure, OperationRunning, or DbError.
 */
export async function adopt(ownerUrl: string, options: AdoptionOptions): Promise<AdoptionResult> {
  await using sql = ownerConnection(ownerUrl, "call-ledger adopt", 10);
  await using source = ownerConnection(options.from ?? ownerUrl, "call-ledger adopt", 10);
  try {
    return await operation(ownerUrl, "adopt", () => adoptHeld(ownerUrl, { sql, source }, options));
  } catch (error) {
    throw beforeChange(error, options.from !== undefined);
  }
}

type Connections = { readonly sql: postgres.Sql; readonly source: postgres.Sql };

async function adoptHeld(
  ownerUrl: string,
  { sql, source }: Connections,
  options: AdoptionOptions,
): Promise<AdoptionResult> {
  const { dryRun, from, log, shareRoles = false, applicationStopped = false, ...rest } = options;
  const { old, migrated } = await (from === undefined ? findAdoptable(sql) : findElsewhere(sql, source));
  const moves = from === undefined && old.schema === "public";
  const obstacle =
    (migrated ? null : await adoptionObstacle(sql, { moves, shareRoles })) ??
    (await unreadableLines(source, old)) ??
    (dryRun && from === undefined && !applicationStopped ? lockedOut(old) : null);
  if (obstacle !== null) throw new AdoptionError(obstacle);
  const dependents = from === undefined ? await readDependents(sql, old) : [];
  const run = { ownerUrl, from, log, ...rest };
  if (dryRun) {
    const looked = resultOf(old, dependents, await bookOldRows({ ...run, old, migrated, books: false }));
    return moves ? { ...looked, oldSchema: ADOPTED } : looked;
  }

  if (moves) {
    log(
      `moving ${old.columns.size} tables to the schema ${ADOPTED}, and migrating; ${dependents.length} objects depend on them`,
    );
    await moveAndMigrate(sql, old);
  }
  await migrate(ownerUrl, { log, shareRoles });
  log("booking the calls");
  try {
    await sql.unsafe(UNATTRIBUTED);
    const found = moves ? await findOldTables(sql, ADOPTED) : old;
    if (found === null) throw new Error("the moved tables cannot be found");
    const booked = await bookOldRows({ ...run, old: found, migrated: true, books: true });
    return resultOf(found, dependents, booked);
  } catch (error) {
    throw halfWay(error, from !== undefined);
  }
}

/** Moves the old tables away and applies the migrations, both or neither. */
async function moveAndMigrate(sql: postgres.Sql, old: OldTables): Promise<void> {
  const attempt = () =>
    sql.begin(async (tx) => {
      await moveTables(tx, old);
      await applyMigrations(tx, readJournal(MIGRATIONS_FOLDER)).catch(async (error: unknown) => {
        throw await migrationFailure(error);
      });
    });
  // Roles belong to the server. A transaction that waits until another one has created them may not see them.
  await attempt().catch((error: unknown) => {
    if (!(error instanceof MigrationError && MISSES_ROLE.test(error.message))) throw error;
    return attempt();
  });
}

const MISSES_ROLE = /role "call_ledger_\w+" does not exist/;

/** Why a dry run cannot read the tables while others use them; `null`: it can. */
function lockedOut({ hidden }: OldTables): string | null {
  if (hidden.length === 0) return null;
  return `this login may not read every row of ${hidden.join(", ")} while others use the tables, because row-level security is forced on them. Use a login with BYPASSRLS (on Supabase: postgres), or stop the old application and add --application-stopped: the dry run then locks these tables until it ends`;
}

type Adoptable = { readonly old: OldTables; readonly migrated: boolean };

/**
 * Finds the old tables of the ledger's own database. Throws AdoptionError if there are none, or they may not be
 * adopted.
 */
async function findAdoptable(sql: postgres.Sql): Promise<Adoptable> {
  const migrated = await isMigrated(sql);
  const moved = await findOldTables(sql, ADOPTED);
  const lying = await findLying(sql);
  if (moved !== null && lying?.schema === "public") {
    throw new AdoptionError(
      `the tables of the guide's era are in public and in ${ADOPTED} too: rename or drop one of the two schemas' tables`,
    );
  }
  const old = moved ?? lying ?? notThere("a new database needs migrate only");
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

/** Finds the old tables of another database. Throws AdoptionError. */
async function findElsewhere(sql: postgres.Sql, source: postgres.Sql): Promise<Adoptable> {
  const migrated = await isMigrated(sql);
  if (!migrated && (await findOldTables(sql, "public")) !== null) {
    throw new AdoptionError(
      "the ledger's own database contains such tables: run adopt without --from, or set DATABASE_URL to a new database",
    );
  }
  const old = await reading(findLying(source).then((lying) => lying ?? findOldTables(source, ADOPTED)));
  if (old === null) return notThere("check the URL of --from");
  if (old.hidden.length > 0) {
    throw new AdoptionError(
      `the login of --from may not read every row of ${old.hidden.join(", ")}: use one with BYPASSRLS and SELECT (on Supabase: postgres)`,
    );
  }
  return { old, migrated };
}

/**
 * Finds the old tables in their application's schema. Throws AdoptionError if several schemas have them and none is
 * named.
 */
async function findLying(sql: postgres.Sql): Promise<OldTables | null> {
  const [first, ...others] = await legacySchemas(sql);
  if (first === undefined) return null;
  if (first.isOnPath || others.length === 0) return findOldTables(sql, first.name);
  const names = [first, ...others].map(({ name }) => name);
  throw new AdoptionError(
    `the schemas ${names.join(", ")} have such tables: name one in the URL, as in  ?search_path=${names[0]}`,
  );
}

function notThere(advice: string): never {
  throw new AdoptionError(
    `there are no tables of the deployment guide's era here (call_tracking, call_logs or calls with vapi_call_id): ${advice}`,
  );
}

function resultOf(
  old: OldTables,
  dependents: readonly Dependent[],
  { tally, calls, left, contested, contestedNumbers, columns }: BookedRows,
): AdoptionResult {
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
    contestedNumbers,
    deleted: tally.deleted(),
    columns,
    dependents,
    oldSchema: old.schema,
  };
}
