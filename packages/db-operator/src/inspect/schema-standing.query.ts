import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appliedMigrations, describeSchema, journalFault, readJournal } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import type { SchemaDrift } from "./schema-drift.ts";
import { schemaDrift } from "./schema-drift.ts";

/** Where a database stands in the history of the schema. */
export type SchemaStanding = {
  readonly applied: number;
  /** Tags, oldest first. */
  readonly pending: readonly string[];
  /** What is wrong with the history, in words that say what to do; `null` when nothing is. */
  readonly fault: string | null;
};

export async function schemaStanding(sql: postgres.Sql, folder: string): Promise<SchemaStanding> {
  const journal = readJournal(folder);
  const applied = await appliedMigrations(sql);
  return {
    applied: applied.length,
    pending: journal.slice(applied.length).map(({ tag }) => tag),
    fault: journalFault(journal, applied),
  };
}

/** The live schema against a description of it, by default the `schema.sql` that lies beside the migrations' folder. */
export async function driftFrom(sql: postgres.Sql, folder: string, committed?: string): Promise<SchemaDrift> {
  const wanted = committed ?? readFileSync(join(folder, "..", "schema.sql"), "utf8");
  return schemaDrift(wanted, await describeSchema(sql));
}
