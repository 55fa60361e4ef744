import { ownerConnection } from "@call-ledger/db/client";
import type { SchemaState } from "@call-ledger/db/compatibility";
import { DbError, SQLSTATE, toDbError } from "@call-ledger/db/errors";
import type { AppliedMigration } from "@call-ledger/db/migrate";
import { appliedMigrations, schemaState } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import { databaseId } from "./ledger-presence.ts";
import { OutsideError, outside } from "./outside-error.ts";
import type { Content } from "./table-content.ts";
import { contentOf, keptTables } from "./table-content.ts";

/** A snapshot of the ledger that other connections can read as long as the work on it lasts. */
export type LedgerSnapshot = {
  /** The id for `pg_dump --snapshot`. */
  readonly id: string;
  readonly database: string;
  /** The identifier of this database, whatever its URL; `null`: this server does not give it. */
  readonly databaseId: string | null;
  /** Such as `15.18`. */
  readonly serverVersion: string;
  readonly serverMajor: number;
  /** The time of the snapshot, by the database's clock. */
  readonly takenAt: Date;
  readonly schema: SchemaState;
  readonly migrations: readonly AppliedMigration[];
  readonly content: Content;
};

/** This login does not see all rows of the ledger. The message says why. */
export class HiddenRows extends Error {
  override readonly name = "HiddenRows";
}

/** The max wait for a lock, which a restore or a rewrite of a table holds as long as it lasts. */
const LOCK_TIMEOUT = "20s";

/**
 * Keeps a snapshot open while `work` runs. After an uncommitted TRUNCATE later snapshots already see no rows, so the
 * tables are locked against it before the snapshot is taken. Throws HiddenRows, DbError, and the errors of `work`.
 */
export async function withSnapshot<T>(
  ownerUrl: string,
  work: (snapshot: LedgerSnapshot) => Promise<T>,
): Promise<T> {
  await using sql = ownerConnection(ownerUrl, "call-ledger backup");
  try {
    if ((await schemaState(sql)) === null) throw new DbError("bug", SQLSTATE.invalidSchemaName, null);
    const tables = await keptTables(sql);
    const done = await sql.begin("isolation level repeatable read read only", async (tx) => {
      await tx.unsafe(
        `set local lock_timeout = '${LOCK_TIMEOUT}'; lock table ${tables.join(", ")} in access share mode`,
      );
      return { value: await outside(work(await snapshotOf(tx, tables))) };
    });
    return done.value;
  } catch (error) {
    if (error instanceof OutsideError) throw error.reason;
    throw error instanceof HiddenRows ? error : toDbError(error);
  }
}

async function snapshotOf(tx: postgres.TransactionSql, tables: readonly string[]): Promise<LedgerSnapshot> {
  const schema = await schemaState(tx);
  if (schema === null) throw new DbError("bug", SQLSTATE.invalidSchemaName, null);
  const content = await contentOf(tx, tables);
  if (content["public.organizations"]?.rows === 0) await refuseHidden(tx);
  const [row] = await tx`
    select pg_export_snapshot() as id, current_database() as database, now() as taken_at,
      current_setting('server_version') as version, current_setting('server_version_num')::int as number`;
  return {
    id: String(row?.id),
    database: String(row?.database),
    databaseId: await databaseId(tx),
    serverVersion: String(row?.version).split(" ")[0] ?? "",
    serverMajor: Math.floor(Number(row?.number) / 10_000),
    takenAt: new Date(row?.taken_at),
    schema,
    migrations: await appliedMigrations(tx),
    content,
  };
}

/** Compares with the role that books, which sees every organization by its own policy. Throws HiddenRows. */
async function refuseHidden(tx: postgres.TransactionSql): Promise<void> {
  await tx`set local role call_ledger_definer`;
  const [row] = await tx`select exists (select from public.organizations) as hidden`;
  await tx`reset role`;
  if (row?.hidden !== true) return;
  throw new HiddenRows(
    "the operator sees no organization, and the ledger has some: the policies of its tables are not as the migrations made them. See verify, schema_as_committed",
  );
}
