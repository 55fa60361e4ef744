import { dirname } from "node:path";
import type { Git } from "./git.ts";

const MAX_COMMITS = 500;

/**
 * Returns the `schema.sql` that was committed when there were so many migrations. A database that waits for newer
 * migrations has to be equal to it. Returns `null` if the history does not reach that far.
 */
export async function committedSchemaOf(
  git: Git,
  migrations: string,
  applied: number,
): Promise<string | null> {
  const top = await git.ask("rev-parse", "--show-toplevel");
  if (top === null || !migrations.startsWith(`${top}/`)) return null;
  const folder = migrations.slice(top.length + 1).replace(/\/+$/, "");
  const [journal, schema] = [`${folder}/meta/_journal.json`, `${dirname(folder)}/schema.sql`];
  const log = await git.ask("log", "--format=%H", `--max-count=${MAX_COMMITS}`, "--", journal, schema);
  for (const commit of (log ?? "").split("\n").filter((line) => line !== "")) {
    const entries = entriesIn(await git.ask("show", `${commit}:${journal}`));
    if (entries === applied) return git.ask("show", `${commit}:${schema}`);
  }
  return null;
}

/**
 * Returns the number of migrations that the release of a commit knows; `null` if there is no commit, or no
 * clone here that has it.
 */
export async function migrationsKnownBy(git: Git, commit: string | null): Promise<number | null> {
  if (commit === null) return null;
  const journal = await git
    .ask("show", `${commit}:packages/db/migrations/meta/_journal.json`)
    .catch(() => null);
  return journal === null ? null : entriesIn(journal);
}

function entriesIn(journal: string | null): number {
  if (journal === null) return 0;
  const { entries }: { entries: readonly unknown[] } = JSON.parse(journal);
  return entries.length;
}
