import type { AppliedMigration, JournalEntry } from "@call-ledger/db/migrate";
import { MIGRATIONS_FOLDER, readJournal } from "@call-ledger/db/migrate";

/** This release's migrations that make the schema of these applied ones; `null`: it does not know them. */
export function historyOf(applied: readonly AppliedMigration[]): JournalEntry[] | null {
  const own = readJournal(MIGRATIONS_FOLDER).slice(0, applied.length);
  const same = own.length === applied.length && own.every(({ hash }, place) => hash === applied[place]?.hash);
  return same ? own : null;
}
