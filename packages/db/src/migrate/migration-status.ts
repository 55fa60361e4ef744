import type postgres from "postgres";
import { boundedTransaction } from "../client/bounded-transaction.ts";
import { ownerConnection } from "../client/owner-connection.ts";
import { appliedMigrations } from "./applied-migrations.ts";
import type { SchemaState } from "./compatibility.ts";
import type { AppliedMigration, JournalEntry } from "./journal.ts";
import { journalFault, MIGRATIONS_FOLDER, readJournal } from "./journal.ts";
import { migrationObstacle } from "./migration-obstacle.ts";
import { migrationScript } from "./migration-script.ts";
import { schemaState } from "./schema-state.ts";

/** One migration, on disk or in the database. */
export type MigrationState = {
  /** `null`: the database has the migration, but this release does not know it. */
  readonly tag: string | null;
  /** `edited`: applied, but its file was changed later. `unknown`: applied, but not in this release. */
  readonly state: "applied" | "pending" | "edited" | "unknown";
};

export type MigrationStatus = {
  readonly migrations: readonly MigrationState[];
  /** The state of the schema; `null`: it was never migrated. */
  readonly schema: SchemaState | null;
  /** Why the pending migrations cannot be applied, with what to do; `null`: they can. */
  readonly fault: string | null;
  /** The pending migrations as one script for an SQL editor; `null` if there are none or they cannot be applied. */
  readonly script: string | null;
};

const STATEMENT_MS = 30_000;

/**
 * Compares the database's journal with the one on disk, and finds what `migrate` would refuse. Changes nothing. Throws
 * DbError.
 */
export async function migrationStatus(
  ownerUrl: string,
  folder: string = MIGRATIONS_FOLDER,
  { shareRoles = false } = {},
): Promise<MigrationStatus> {
  const journal = readJournal(folder);
  await using sql = ownerConnection(ownerUrl, "call-ledger migrate");
  const read = async (tx: postgres.ISql) => {
    const applied = await appliedMigrations(tx);
    const pending = journal.slice(applied.length);
    const obstacle = pending.length === 0 ? null : await migrationObstacle(tx, { shareRoles });
    const fault = journalFault(journal, applied) ?? obstacle;
    return {
      migrations: [
        ...applied.map((one, index) => stateOf(one, journal[index])),
        ...pending.map(({ tag }) => ({ tag, state: "pending" as const })),
      ],
      schema: await schemaState(tx),
      fault,
      script:
        fault === null && pending.length > 0
          ? migrationScript(folder, pending, { applied: applied.length, shareRoles })
          : null,
    };
  };
  return await boundedTransaction(sql, read, { statementMs: STATEMENT_MS, mode: "read only" });
}

function stateOf({ hash, createdAt }: AppliedMigration, entry: JournalEntry | undefined): MigrationState {
  if (entry === undefined || entry.when !== createdAt) return { tag: null, state: "unknown" };
  return { tag: entry.tag, state: entry.hash === hash ? "applied" : "edited" };
}
