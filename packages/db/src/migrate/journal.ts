import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One migration on disk. */
export type JournalEntry = {
  readonly tag: string;
  /**
   * Milliseconds, strictly increasing, because Drizzle applies the migrations that are newer than the newest applied
   * one.
   */
  readonly when: number;
  /** SHA-256 of the file, as Drizzle stores it. */
  readonly hash: string;
};

/** A migration that the database has applied. */
export type AppliedMigration = { readonly hash: string; readonly createdAt: number };

/** The migrations of the source tree. A bundle passes its own copy. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));

export function readJournal(folder: string): JournalEntry[] {
  const journal: { entries: { tag: string; when: number }[] } = JSON.parse(
    readFileSync(join(folder, "meta", "_journal.json"), "utf8"),
  );
  return journal.entries.map(({ tag, when }) => {
    const file = readFileSync(join(folder, `${tag}.sql`));
    return { tag, when, hash: createHash("sha256").update(file).digest("hex") };
  });
}

/**
 * Returns the fault of a journal, on its own or compared with the applied migrations; `null` if there is none.
 * Drizzle's migrator detects none of these: it skips a migration whose time is too early, and never compares hashes.
 */
export function journalFault(
  journal: readonly JournalEntry[],
  applied: readonly AppliedMigration[],
): string | null {
  for (const [index, entry] of journal.entries()) {
    const before = journal[index - 1];
    if (before !== undefined && entry.when <= before.when) {
      return `migration ${entry.tag} is stamped before ${before.tag} and would be skipped: generate it again`;
    }
  }
  for (const [index, { hash, createdAt }] of applied.entries()) {
    const entry = journal[index];
    if (entry === undefined) {
      return `the database has ${applied.length} migrations, this release knows ${journal.length}: deploy the newer release`;
    }
    if (entry.when !== createdAt) {
      return `the database applied another migration where this release has ${entry.tag}: the histories differ`;
    }
    if (entry.hash !== hash) {
      return `migration ${entry.tag} was edited after it had been applied: restore the file and add a new migration`;
    }
  }
  return null;
}
