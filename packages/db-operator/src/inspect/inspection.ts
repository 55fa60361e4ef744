import { boundedTransaction, ownerConnection } from "@call-ledger/db/client";
import { DbError, SQLSTATE, throwingDbErrors } from "@call-ledger/db/errors";
import { MIGRATIONS_FOLDER, migrationObstacle, sharedRoles, urlForMigrations } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import * as deploymentQueries from "./deployment.query.ts";
import { callsWithoutAllLayers, callsWithStaleSummary } from "./layers.query.ts";
import * as ledgerQueries from "./ledger.query.ts";
import { tryMigrations } from "./migration-trial.ts";
import { driftFrom, schemaStanding } from "./schema-standing.query.ts";
import { violationsOf } from "./violations.query.ts";

/** A check may read every call of a large ledger. */
const STATEMENT_MS = 600_000;

type MigrationTimeouts = { readonly lock: string; readonly statement: string };

export type Inspection = ReturnType<typeof openInspection>;

/**
 * Opens a ledger's database for the operator's checks, which change nothing. `folder` has the migrations of the
 * checked release; default: this release. Every method throws DbError; its code is 42501 if the login
 * may not see all rows, because a check that sees no row would always pass.
 */
export function openInspection(ownerUrl: string, folder: string = MIGRATIONS_FOLDER) {
  const sql = ownerConnection(ownerUrl, "call-ledger ops");
  const reading = <T>(query: (tx: postgres.ISql) => Promise<T>) => asOperator(sql, query);
  const asking = <T>(query: (tx: postgres.ISql) => Promise<T>) =>
    boundedTransaction(sql, query, { statementMs: STATEMENT_MS });
  const { writeFault, ...deployment } = deploymentQueries;
  return {
    ...each({ ...ledgerQueries, callsWithoutAllLayers }, reading),
    ...each(deployment, asking),
    callsWithStaleSummary: throwingDbErrors(() => callsWithStaleSummary(sql)),
    schemaStanding: () => asking((tx) => schemaStanding(tx, folder)),
    /** The differences to a committed description; default: the `schema.sql` beside `folder`. */
    schemaDrift: (committed?: string) => asking((tx) => driftFrom(tx, folder, committed)),
    /** Why this login may not migrate this database; `null` if it may. */
    migrationObstacle: (shareRoles: boolean) => asking((tx) => migrationObstacle(tx, { shareRoles })),
    /** Which other ledger of the server shares the roles of this one; `null`: none. */
    sharedRoles: () => asking(sharedRoles),
    /** Tries the pending migrations in a transaction that is rolled back. It takes their locks meanwhile. */
    tryMigrations: throwingDbErrors((shareRoles: boolean) => tryMigrations(sql, folder, shareRoles)),
    /** `lock_timeout` and `statement_timeout` of a connection of drizzle-kit; "0": no limit. */
    migrationTimeouts: throwingDbErrors(() => migrationTimeouts(ownerUrl)),
    writeFault: throwingDbErrors(() => writeFault(sql)),
    /** The rows that pending migrations will refuse. */
    violationsOf: throwingDbErrors((tags: readonly string[]) =>
      violationsOf((query) => asOperator(sql, query), folder, tags),
    ),
    [Symbol.asyncDispose]: () => sql[Symbol.asyncDispose](),
  };
}

type Query = (tx: postgres.ISql, ...args: never[]) => Promise<unknown>;
type Asked<Q> = Q extends (tx: postgres.ISql, ...args: infer Args) => infer Answer
  ? (...args: Args) => Answer
  : never;

/** Returns the queries without their transaction: `run` gives each one its own. */
function each<Queries extends Record<string, Query>>(
  queries: Queries,
  run: <T>(query: (tx: postgres.ISql) => Promise<T>) => Promise<T>,
) {
  const asked =
    (query: Query) =>
    (...args: never[]) =>
      run((tx) => query(tx, ...args));
  const entries = Object.entries(queries).map(([name, query]) => [name, asked(query)]);
  return Object.fromEntries(entries) as { [Name in keyof Queries]: Asked<Queries[Name]> };
}

async function migrationTimeouts(ownerUrl: string): Promise<MigrationTimeouts> {
  await using sql = ownerConnection(urlForMigrations(ownerUrl), "call-ledger ops");
  const [row] = await sql<MigrationTimeouts[]>`
    select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
  return row ?? { lock: "0", statement: "0" };
}

/** Runs `work` in a read-only transaction, as the role that sees every row by the policies of the tables. */
function asOperator<T>(sql: postgres.Sql, work: (tx: postgres.ISql) => Promise<T>): Promise<T> {
  const checked = async (tx: postgres.ISql) => {
    const [found] = await tx`
      select to_regrole('call_ledger_operator') is null or to_regclass('call_ledger.schema_state') is null as bare`;
    if (found?.bare === true) throw new DbError("bug", SQLSTATE.undefinedTable, null);
    await tx`set local role call_ledger_operator`;
    return work(tx);
  };
  return boundedTransaction(sql, checked, { statementMs: STATEMENT_MS, mode: "read only" });
}
