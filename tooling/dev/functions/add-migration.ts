import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readJournal } from "@call-ledger/db/migrate";
import type { FunctionChanges } from "./functions-migration.ts";
import { functionChanges } from "./functions-migration.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The same path as in drizzle.config.ts. */
const SCHEMA = "./packages/db/src/schema/*.table.ts";

/**
 * Adds the migration that makes the functions of a database equal to the files of `functions`: a custom migration of
 * drizzle-kit, with its journal entry and snapshot. Returns its changes and its tag. `tag` is `null` if nothing has
 * changed; then no file is written. Throws the errors of `functionChanges`.
 */
export async function addFunctionsMigration(
  scratchUrl: string,
  folders: { readonly functions: string; readonly migrations: string },
  name: string,
): Promise<FunctionChanges & { readonly tag: string | null }> {
  const changes = await functionChanges(scratchUrl, folders);
  if (changes.sql === null) return { ...changes, tag: null };
  // drizzle-kit takes the folder as relative to its working directory.
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
