import { setTimeout as sleep } from "node:timers/promises";
import { ownerConnection } from "@call-ledger/db/client";
import { SQLSTATE, toDbError, worthRepeating } from "@call-ledger/db/errors";
import type { AppliedMigration } from "@call-ledger/db/migrate";
import { appliedMigrations, applyMigrations } from "@call-ledger/db/migrate";
import postgres from "postgres";
import { withOwner } from "../owner.ts";
import type { LaterDelivery } from "./later-deliveries.ts";
import { laterDeliveries } from "./later-deliveries.ts";
import type { LaterRow } from "./later-rows.ts";
import { laterRows } from "./later-rows.ts";
import { OutsideError, outside } from "./outside-error.ts";
import { dropOwnObjects, ForeignObjects, grantAgain, grantsToOthers } from "./own-objects.ts";
import { historyOf } from "./schema-history.ts";
import type { Content } from "./table-content.ts";
import { contentOf, keptTables, NO_TIMEOUTS, passingTables } from "./table-content.ts";

/** The rows of one table, in the text format of COPY. They have to be read before those of the next table. */
export type TableRows = {
  /** The table with its schema, like in `Content`. */
  readonly table: string;
  /** The columns in parentheses, like in COPY. */
  readonly columns: string;
  readonly rows: AsyncIterable<Uint8Array>;
};

export type RestorePlan = {
  /** The migrations of the backed-up schema. */
  readonly migrations: readonly AppliedMigration[];
  /** The content of the backup. If the restored tables have another content, nothing is restored. */
  readonly content: Content;
  /** Reads the backup from its beginning. It is called again if a restore waited too long for locks. */
  readonly readRows: () => AsyncIterable<TableRows>;
  /** Whether to create the schema again from the migrations even if the database has the same ones. */
  readonly rebuild: boolean;
  /** Gets the data received since the backup before it is replaced. No more data arrives until the restore is over. */
  readonly save: {
    readonly since: Date;
    readonly write: (
      deliveries: AsyncIterable<LaterDelivery>,
      rows: AsyncIterable<LaterRow>,
    ) => Promise<void>;
  } | null;
  /** `rehearse`: the database must have none of our tables, and has none afterwards. */
  readonly purpose: "restore" | "rehearse";
  readonly log: (line: string) => void;
  /**
   * Gets each new state; the first is `unchanged`. If the connection is lost at the commit, the state stays
   * `committing`.
   */
  readonly stands: (at: RestoreState) => void;
};

export type RestoreState = "unchanged" | "committing" | "committed";

export type Restored = {
  readonly database: string;
  /** `true`: the schema was created again; `false`: only the rows were replaced. */
  readonly rebuilt: boolean;
  readonly content: Content;
};

/** The backup cannot be restored here. Nothing was changed. The message says what to do. */
export class RestoreError extends Error {
  override readonly name = "RestoreError";
}

class Rehearsed extends Error {
  readonly restored: Restored;
  constructor(restored: Restored) {
    super("rehearsed");
    this.restored = restored;
  }
}

const MAX_ATTEMPTS = 5;
const LOCK_TIMEOUT = "set local lock_timeout = '20s'";

/**
 * Replaces the ledger's rows with those of a backup in one transaction. Either all rows are restored, counted and
 * checked, or nothing has changed. If the schema is not the backup's, our objects are dropped and
 * created again with the migrations of the backup. Writers wait meanwhile. If the connection is lost at the
 * commit, the database is asked whether the transaction was committed.
 * Throws RestoreError, DbError, and the errors of `save` and `readRows`.
 */
export async function restoreContent(ownerUrl: string, plan: RestorePlan): Promise<Restored> {
  for (let attempt = 1; ; attempt += 1) {
    await using sql = ownerConnection(ownerUrl, "call-ledger restore", 10);
    let commit: { readonly restored: Restored; readonly transaction: string } | null = null;
    try {
      const done = await sql.begin(async (tx) => {
        const restored = await restoreWithin(tx, plan);
        const [row] = await tx`select pg_current_xact_id()::text as id`;
        plan.stands("committing");
        commit = { restored, transaction: String(row?.id) };
        return restored;
      });
      plan.stands("committed");
      return done;
    } catch (error) {
      if (error instanceof Rehearsed) return error.restored;
      if (error instanceof OutsideError) throw error.reason;
      if (error instanceof RestoreError) throw error;
      const mapped = toDbError(error);
      const settled = await settledCommit(ownerUrl, commit, plan);
      if (settled !== null) return settled;
      const again = worthRepeating(mapped) || mapped.code === SQLSTATE.lockNotAvailable;
      if (!again || attempt === MAX_ATTEMPTS) throw mapped;
      plan.log("the tables are in use; trying again");
    }
  }
}

const ASK_FOR_MS = 60_000;
const ASK_EVERY_MS = 500;

/** The result if a commit without an answer has succeeded; `null`: it has not, or that cannot be known. */
async function settledCommit(
  ownerUrl: string,
  commit: { readonly restored: Restored; readonly transaction: string } | null,
  plan: RestorePlan,
): Promise<Restored | null> {
  if (commit === null) return null;
  plan.log("the connection was lost at the commit: asking the database what became of it");
  const ask = async (sql: postgres.ISql) =>
    sql`select pg_xact_status(${commit.transaction}::text::xid8) as status`;
  for (const until = performance.now() + ASK_FOR_MS; performance.now() < until; await sleep(ASK_EVERY_MS)) {
    const [row] = await withOwner(ownerUrl, ({ run }) => run(ask)).catch(() => []);
    if (row?.status !== "committed" && row?.status !== "aborted") continue;
    plan.stands(row.status === "committed" ? "committed" : "unchanged");
    return row.status === "committed" ? commit.restored : null;
  }
  return null;
}

async function restoreWithin(tx: postgres.TransactionSql, plan: RestorePlan): Promise<Restored> {
  const history = historyOf(plan.migrations);
  if (history === null) {
    throw new RestoreError(
      "the backup was made by a release whose migrations this one does not know. Restore it with that release",
    );
  }
  await tx.unsafe(`${NO_TIMEOUTS}; ${LOCK_TIMEOUT}`);
  const [here] = await tx`
    select current_database() as database, to_regclass('call_ledger.schema_state') is not null as ours,
      to_regclass('public.calls') is not null as taken`;
  const ours = here?.ours === true;
  if (!ours && here?.taken === true) {
    throw new RestoreError(
      "the database has a table public.calls that call-ledger did not create. Name another database",
    );
  }
  if (ours && plan.purpose === "rehearse") {
    throw new RestoreError("the database of the rehearsal already has a ledger. Name an empty one");
  }

  const rebuilt = plan.rebuild || !ours || !sameHistory(await appliedMigrations(tx), plan.migrations);
  if (ours) {
    await lockAll(tx);
    if (plan.save !== null) {
      const { since, write } = plan.save;
      await outside(write(laterDeliveries(tx, since), laterRows(tx, since)));
    }
  }
  if (rebuilt) {
    plan.log(`creating the schema of ${history.at(-1)?.tag}`);
    await rebuildSchema(tx, ours, () => applyMigrations(tx, history));
  }
  await replaceRows(tx, plan);
  const restored = { database: String(here?.database), rebuilt, content: await checkedContent(tx, plan) };
  if (plan.purpose === "rehearse") throw new Rehearsed(restored);
  return restored;
}

function sameHistory(live: readonly AppliedMigration[], wanted: readonly AppliedMigration[]): boolean {
  return live.length === wanted.length && live.every(({ hash }, place) => hash === wanted[place]?.hash);
}

async function lockAll(tx: postgres.TransactionSql): Promise<void> {
  const tables = await keptTables(tx);
  await tx.unsafe(`lock table ${tables.join(", ")} in access exclusive mode`);
}

async function rebuildSchema(
  tx: postgres.TransactionSql,
  ours: boolean,
  build: () => Promise<void>,
): Promise<void> {
  const grants = ours ? await grantsToOthers(tx) : [];
  try {
    if (ours) await dropOwnObjects(tx);
  } catch (error) {
    if (!(error instanceof ForeignObjects)) throw error;
    throw new RestoreError(
      `the backup has another schema, and an object of yours depends on ours (${error.message}). Drop it, restore, and create it again`,
    );
  }
  await build();
  await grantAgain(tx, grants);
}

/**
 * Replaces the rows. COPY cannot write under row-level security, so it is not forced on the owner in this transaction.
 */
async function replaceRows(
  tx: postgres.TransactionSql,
  { content, readRows, log }: RestorePlan,
): Promise<void> {
  const tables = await keptTables(tx);
  const unknown = Object.keys(content).filter((table) => !tables.includes(table));
  if (unknown.length > 0)
    throw new RestoreError(`the backup has tables that are not ours: ${unknown.join(", ")}`);
  await truncate(tx, [...tables, ...(await passingTables(tx))]);
  const forced = await tx`
    select c.oid::regclass::text as name from pg_class c
    where c.relforcerowsecurity and c.oid in (select unnest(string_to_array(${tables.join(" ")}, ' '))::regclass)`;
  for (const { name } of forced) await tx.unsafe(`alter table ${name} no force row level security`);
  const reader = readRows()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await outside(reader.next());
      if (done) break;
      const { table, columns, rows } = value;
      if (!(table in content))
        throw new RestoreError(`the backup contains ${table}, which its manifest does not name`);
      log(`loading ${table}`);
      await copyInto(tx, `copy ${table} ${columns} from stdin`, rows[Symbol.asyncIterator]());
    }
  } finally {
    void reader.return?.();
  }
  for (const { name } of forced) await tx.unsafe(`alter table ${name} force row level security`);
}

async function truncate(tx: postgres.TransactionSql, tables: readonly string[]): Promise<void> {
  try {
    await tx.unsafe(`truncate ${tables.join(", ")}`);
  } catch (error) {
    // TRUNCATE is refused if a table that is not truncated too has a foreign key to one of these.
    if (!(error instanceof postgres.PostgresError && error.code === SQLSTATE.featureNotSupported))
      throw error;
    throw new RestoreError(`a table of yours refers to ours (${error.detail}). Drop its foreign key first`);
  }
}

async function copyInto(
  tx: postgres.TransactionSql,
  statement: string,
  rows: AsyncIterator<Uint8Array>,
): Promise<void> {
  const sink = await tx.unsafe(statement).writable();
  const ended = new Promise<void>((resolve, reject) => {
    sink.once("error", reject);
    sink.once("finish", resolve);
  });
  ended.catch(() => undefined);
  try {
    for (;;) {
      const { done, value } = await outside(rows.next());
      if (done) break;
      if (!sink.write(value))
        await Promise.race([ended, new Promise((resolve) => sink.once("drain", resolve))]);
    }
    sink.end();
  } catch (error) {
    sink.destroy();
    throw error;
  }
  await ended;
}

async function checkedContent(tx: postgres.TransactionSql, { content }: RestorePlan): Promise<Content> {
  const restored = await contentOf(tx, await keptTables(tx));
  const wrong = Object.entries(content).filter(([table, { rows, checksum }]) => {
    const found = restored[table];
    return found?.rows !== rows || found.checksum !== checksum;
  });
  if (wrong.length > 0) {
    const differences = wrong.map(
      ([table, { rows }]) => `${table} (${restored[table]?.rows} of ${rows} rows)`,
    );
    throw new RestoreError(
      `the restored rows differ from the backup's: ${differences.join(", ")}. Use another backup file`,
    );
  }
  return restored;
}
