import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

type Journal = {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
};

const OWN = fileURLToPath(new URL("../../migrations", import.meta.resolve("@call-ledger/db/migrate")));

/** Copies this release's migrations; with `count`, only the oldest ones, as in an older release. */
export function copyOfMigrations(count?: number): string {
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  cpSync(OWN, folder, { recursive: true });
  edit(folder, (journal) => journal.entries.splice(count ?? journal.entries.length));
  return folder;
}

/** Adds a migration to a copied folder as the newest. */
export function addMigration(folder: string, tag: string, sql: string): void {
  writeFileSync(join(folder, `${tag}.sql`), sql);
  edit(folder, ({ entries }) => {
    const when = (entries.at(-1)?.when ?? 0) + 1;
    entries.push({ idx: entries.length, version: "7", when, tag, breakpoints: true });
  });
}

function edit(folder: string, change: (journal: Journal) => void): void {
  const path = join(folder, "meta", "_journal.json");
  const journal: Journal = JSON.parse(readFileSync(path, "utf8"));
  change(journal);
  writeFileSync(path, JSON.stringify(journal));
}
