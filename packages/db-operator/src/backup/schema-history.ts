import type { AppliedMigration, JournalEntry } from "@call-ledger/db/migrate";
import {
  JOURNAL_TABLE,
  journalInsert,
  MIGRATIONS_FOLDER,
  readJournal,
  statementsOf,
} from "@call-ledger/db/migrate";
import type postgres from "postgres";

/** This release's migrations that make the schema of these applied ones; `null`: it does not know them. */
export function historyOf(applied: readonly AppliedMigration[]): JournalEntry[] | null {
  const own = readJournal(MIGRATIONS_FOLDER).slice(0, applied.length);
  const same = own.length === applied.length && own.every(({ hash }, place) => hash === applied[place]?.hash);
  return same ? own : null;
}

/** Applies migrations within the caller's transaction, and notes them like Drizzle's migrator. */
export async function applyHistory(
  tx: postgres.TransactionSql,
  history: readonly JournalEntry[],
): Promise<void> {
  for (const statement of JOURNAL_TABLE) await tx.unsafe(statement);
  for (const migration of history) {
    for (const statement of statementsOf(MIGRATIONS_FOLDER, migration)) await tx.unsafe(statement);
    await tx.unsafe(journalInsert(migration));
  }
}
