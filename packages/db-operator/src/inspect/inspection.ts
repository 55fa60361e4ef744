import { DbError, ownerConnection, SQLSTATE, throwingDbErrors } from "@call-ledger/db/client";
import { MIGRATIONS_FOLDER, migrationObstacle, urlWithTimeouts } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import type { Activity, LoginStanding, MissingOrganization } from "./deployment.query.ts";
import {
  activity,
  loginStanding,
  rowsWithoutOrganization,
  serverMajor,
  tableSizes,
} from "./deployment.query.ts";
import type { LayerFaults } from "./layers.query.ts";
import { callsWithoutAllLayers, callsWithStaleSummary } from "./layers.query.ts";
import type {
  CallLogsOfADay,
  MissingOrganizations,
  NewestEvent,
  QuarantineOfADay,
  Repeated,
} from "./ledger.query.ts";
import {
  callLogsOfADay,
  databaseSizeMb,
  functionsNamed,
  missingOrganizations,
  newestEvents,
  orgIdConstraints,
  quarantineOfADay,
  repeatedCalls,
  repeatedEvents,
  soundIndexes,
} from "./ledger.query.ts";
import type { MigrationTrial } from "./migration-trial.ts";
import { tryMigrations } from "./migration-trial.ts";
import type { SchemaDrift } from "./schema-drift.ts";
import type { SchemaStanding } from "./schema-standing.query.ts";
import { driftFrom, schemaStanding } from "./schema-standing.query.ts";
import type { Violations } from "./violations.query.ts";
import { violationsOf } from "./violations.query.ts";

type MigrationTimeouts = { readonly lock: string; readonly statement: string };

/**
 * What can be asked of a ledger's database, for the operator's checks. Nothing is changed by asking. Every method throws
 * DbError: with code 42501 where the login may not see all rows, because a check that sees none would always pass.
 */
export type Inspection = {
  /** Those of the names that are exactly one function of the schema public. */
  functionsNamed(names: readonly string[]): Promise<string[]>;
  /** Those of the tables that have a CHECK constraint on org_id. */
  orgIdConstraints(tables: readonly string[]): Promise<string[]>;
  /** Those of the names that are valid unique indexes. */
  soundIndexes(names: readonly string[]): Promise<string[]>;
  callLogsOfADay(): Promise<CallLogsOfADay>;
  repeatedEvents(): Promise<Repeated>;
  repeatedCalls(): Promise<Repeated>;
  /** One entry a table that has a column org_id which must not be null. */
  missingOrganizations(): Promise<MissingOrganizations[]>;
  /** Newest first. */
  newestEvents(limit: number): Promise<NewestEvent[]>;
  quarantineOfADay(): Promise<QuarantineOfADay>;
  /** In megabytes of 1,048,576 bytes. */
  databaseSizeMb(): Promise<number>;
  callsWithoutAllLayers(): Promise<LayerFaults>;
  /** Calls whose row differs from what the two layers and the stored recordings say. */
  callsWithStaleSummary(): Promise<LayerFaults>;
  schemaStanding(): Promise<SchemaStanding>;
  /** Against a committed description; default: this release's `schema.sql`. */
  schemaDrift(committed?: string): Promise<SchemaDrift>;
  /** Why this login may not migrate this database; `null` when it may. */
  migrationObstacle(): Promise<string | null>;
  /** Tries the pending migrations in a transaction that is rolled back; it takes their locks meanwhile. */
  tryMigrations(): Promise<MigrationTrial>;
  /** What the server says to a connection of drizzle-kit: `lock_timeout` and `statement_timeout`, "0" without end. */
  migrationTimeouts(): Promise<MigrationTimeouts>;
  serverMajor(): Promise<number>;
  activity(longSeconds: number): Promise<Activity>;
  tableSizes(): Promise<ReadonlyMap<string, number>>;
  rowsWithoutOrganization(): Promise<MissingOrganization[]>;
  /** What pending migrations will refuse. */
  violationsOf(migrations: readonly string[]): Promise<Violations>;
  loginStanding(): Promise<LoginStanding>;
  close(): Promise<void>;
};

/** `folder` holds the migrations of the release that is asked about; default: this one's. */
export function openInspection(ownerUrl: string, folder: string = MIGRATIONS_FOLDER): Inspection {
  const sql = ownerConnection(ownerUrl, "call-ledger ops");
  const reading = <A extends unknown[], T>(query: (sql: postgres.ISql, ...args: A) => Promise<T>) =>
    throwingDbErrors((...args: A) => asOperator(sql, (tx) => query(tx, ...args)));
  return {
    functionsNamed: reading(functionsNamed),
    orgIdConstraints: reading(orgIdConstraints),
    soundIndexes: reading(soundIndexes),
    callLogsOfADay: reading(callLogsOfADay),
    repeatedEvents: reading(repeatedEvents),
    repeatedCalls: reading(repeatedCalls),
    missingOrganizations: reading(missingOrganizations),
    newestEvents: reading(newestEvents),
    quarantineOfADay: reading(quarantineOfADay),
    databaseSizeMb: throwingDbErrors(() => databaseSizeMb(sql)),
    callsWithoutAllLayers: reading(callsWithoutAllLayers),
    callsWithStaleSummary: throwingDbErrors(() => callsWithStaleSummary(sql)),
    schemaStanding: throwingDbErrors(() => schemaStanding(sql, folder)),
    schemaDrift: throwingDbErrors((committed?: string) => driftFrom(sql, folder, committed)),
    migrationObstacle: throwingDbErrors(() => migrationObstacle(sql)),
    tryMigrations: throwingDbErrors(() => tryMigrations(sql, folder)),
    migrationTimeouts: throwingDbErrors(() => migrationTimeouts(ownerUrl)),
    serverMajor: throwingDbErrors(() => serverMajor(sql)),
    activity: throwingDbErrors((longSeconds: number) => activity(sql, longSeconds)),
    tableSizes: throwingDbErrors(() => tableSizes(sql)),
    rowsWithoutOrganization: throwingDbErrors(() => rowsWithoutOrganization(sql)),
    violationsOf: throwingDbErrors((tags: readonly string[]) =>
      violationsOf((query) => asOperator(sql, query), folder, tags),
    ),
    loginStanding: throwingDbErrors(() => loginStanding(sql)),
    close: () => sql.end({ timeout: 1 }),
  };
}

async function migrationTimeouts(ownerUrl: string): Promise<MigrationTimeouts> {
  const sql = ownerConnection(urlWithTimeouts(ownerUrl), "call-ledger ops");
  try {
    const [row] = await sql<MigrationTimeouts[]>`
      select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
    return row ?? { lock: "0", statement: "0" };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** In a read-only transaction, as the role that every table's policy lets see every row. */
async function asOperator<T>(sql: postgres.Sql, work: (tx: postgres.ISql) => Promise<T>): Promise<T> {
  const results = await sql.begin("read only", async (tx) => {
    const [found] = await tx`
      select to_regrole('call_ledger_operator') is null or to_regclass('call_ledger.schema_state') is null as bare`;
    if (found?.bare === true) throw new DbError("bug", SQLSTATE.undefinedTable, null);
    await tx`set local role call_ledger_operator`;
    return [await work(tx)];
  });
  return results[0] as T;
}
