import type postgres from "postgres";
import type { JournalEntry } from "./journal.ts";
import { MIGRATIONS_FOLDER } from "./journal.ts";
import { JOURNAL_TABLE, journalInsert, statementsOf } from "./migration-script.ts";
import { IN_PUBLIC } from "./migration-settings.ts";
import { IN_OPERATION } from "./operation.ts";
import { SHARED_ON_PURPOSE } from "./shared-roles.ts";

/**
 * Applies migrations within the caller's transaction, and notes them like Drizzle's migrator. The caller has decided
 * whether the ledger may share its roles with another one.
 */
export async function applyMigrations(
  tx: postgres.TransactionSql,
  migrations: readonly JournalEntry[],
): Promise<void> {
  await tx.unsafe(`set local ${SHARED_ON_PURPOSE}; set local ${IN_OPERATION}; set local ${IN_PUBLIC}`);
  for (const statement of JOURNAL_TABLE) await tx.unsafe(statement);
  for (const migration of migrations) {
    for (const statement of statementsOf(MIGRATIONS_FOLDER, migration)) await tx.unsafe(statement);
    await tx.unsafe(journalInsert(migration));
  }
}
