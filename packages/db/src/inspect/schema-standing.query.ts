import { readFileSync } from "node:fs";
import { join } from "node:path";
import type postgres from "postgres";
import { appliedMigrations } from "../migrate/applied-migrations.ts";
import { describeSchema } from "../migrate/describe-schema.ts";
import { journalFault, MIGRATIONS_FOLDER, readJournal } from "../migrate/journal.ts";
import type { SchemaDrift } from "./schema-drift.ts";
import { schemaDrift } from "./schema-drift.ts";

/** Where a database stands in the history of the schema. */
export type SchemaStanding = {
  readonly applied: number;
  /** Tags, oldest first. */
  readonly pending: readonly string[];
  /** What is wrong with the history, in words that say what to do; `null` when nothing is. */
  readonly fault: string | null;
  /** Against this release's `schema.sql`; `null` while migrations are pending. */
  readonly drift: SchemaDrift | null;
};

export async function schemaStanding(sql: postgres.Sql): Promise<SchemaStanding> {
  const journal = readJournal(MIGRATIONS_FOLDER);
  const applied = await appliedMigrations(sql);
  const fault = journalFault(journal, applied);
  const isCurrent = applied.length === journal.length && fault === null;
  return {
    applied: applied.length,
    pending: journal.slice(applied.length).map(({ tag }) => tag),
    fault,
    drift: isCurrent ? schemaDrift(committedSchema(), await describeSchema(sql)) : null,
  };
}

/** What the migrations of this release make; a bundle has its copy beside its migrations. */
function committedSchema(): string {
  return readFileSync(join(MIGRATIONS_FOLDER, "..", "schema.sql"), "utf8");
}
