import { ownerConnection } from "@call-ledger/db/client";
import type { SchemaState } from "@call-ledger/db/compatibility";
import { DbError, SQLSTATE, toDbError } from "@call-ledger/db/errors";
import type { AppliedMigration } from "@call-ledger/db/migrate";
import { appliedMigrations, schemaState } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import { OutsideError, outside } from "./outside-error.ts";
import type { Content } from "./table-content.ts";
import { contentOf, keptTables } from "./table-content.ts";

/** SQLSTATE of a schema that does not exist. */
/** A moment of the ledger that stays readable for others as long as the work on it lasts. */
export type LedgerSnapshot = {
  /** For `pg_dump --snapshot`. */
  readonly id: string;
  readonly database: string;
  /** Such as `15.18`. */
  readonly serverVersion: string;
  readonly serverMajor: number;
  /** By the database's clock. */
  readonly takenAt: Date;
  readonly schema: SchemaState;
  readonly migrations: readonly AppliedMigration[];
  readonly content: Content;
};

/** Holds a snapshot open while `work` goes on. Throws DbError, and what `work` throws. */
export async function withSnapshot<T>(
  ownerUrl: string,
  work: (snapshot: LedgerSnapshot) => Promise<T>,
): Promise<T> {
  const sql = ownerConnection(ownerUrl, "call-ledger backup");
  try {
    const done = await sql.begin("isolation level repeatable read read only", async (tx) => ({
      value: await outside(work(await snapshotOf(tx))),
    }));
    return done.value;
  } catch (error) {
    throw error instanceof OutsideError ? error.reason : toDbError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function snapshotOf(tx: postgres.TransactionSql): Promise<LedgerSnapshot> {
  const schema = await schemaState(tx);
  if (schema === null) throw new DbError("bug", SQLSTATE.invalidSchemaName, null);
  const [row] = await tx`
    select pg_export_snapshot() as id, current_database() as database, now() as taken_at,
      current_setting('server_version') as version, current_setting('server_version_num')::int as number`;
  return {
    id: String(row?.id),
    database: String(row?.database),
    serverVersion: String(row?.version).split(" ")[0] ?? "",
    serverMajor: Math.floor(Number(row?.number) / 10_000),
    takenAt: new Date(row?.taken_at),
    schema,
    migrations: await appliedMigrations(tx),
    content: await contentOf(tx, await keptTables(tx)),
  };
}
