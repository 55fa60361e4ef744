import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readJournal } from "@call-ledger/db/migrate";
import type { FunctionChanges } from "./functions-migration.ts";
import { functionChanges } from "./functions-migration.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** As in drizzle.config.ts. */
const SCHEMA = "./packages/db/src/schema/*.table.ts";

/**
 * Adds the migration that brings the functions of a database to the files of `functions`: a custom one of drizzle-kit,
 * with its journal entry and snapshot. Returns what it does and its tag; `tag` is `null` when nothing has changed, and
 * then nothing is written. Throws as `functionChanges`.
 */
export async function addFunctionsMigration(
  scratchUrl: string,
  folders: { readonly functions: string; readonly migrations: string },
  name: string,
): Promise<FunctionChanges & { readonly tag: string | null }> {
  const changes = await functionChanges(scratchUrl, folders);
  if (changes.sql === null) return { ...changes, tag: null };
  // drizzle-kit takes the folder as relative to where it runs.
  const out = relative(ROOT, folders.migrations);
  const flags = ["--dialect=postgresql", `--schema=${SCHEMA}`, `--out=${out}`, `--name=${name}`];
  const drizzleKit = join(ROOT, "node_modules/drizzle-kit/bin.cjs");
  execFileSync(process.execPath, [drizzleKit, "generate", "--custom", ...flags], { cwd: ROOT });
  const journal = readJournal(folders.migrations);
  const tag = journal.at(-1)?.tag ?? "";
  const end = `update call_ledger.schema_state set version = ${journal.length};`;
  writeFileSync(join(folders.migrations, `${tag}.sql`), `${changes.sql}\n\n${end}\n`);
  return { ...changes, tag };
}
