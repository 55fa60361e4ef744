import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appliedMigrations, describeSchema, journalFault, readJournal } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import type { SchemaDrift } from "./schema-drift.ts";
import { schemaDrift } from "./schema-drift.ts";

/** The position of a database in the history of the schema. */
export type SchemaStanding = {
  readonly applied: number;
  /** The tags of pending migrations, the oldest first. */
  readonly pending: readonly string[];
  /** The fault of the history, with what to do; `null`: it has none. */
  readonly fault: string | null;
};

export async function schemaStanding(sql: postgres.ISql, folder: string): Promise<SchemaStanding> {
  const journal = readJournal(folder);
  const applied = await appliedMigrations(sql);
  return {
    applied: applied.length,
    pending: journal.slice(applied.length).map(({ tag }) => tag),
    fault: journalFault(journal, applied),
  };
}

/** Compares the live schema with a description, by default the `schema.sql` beside the migrations' folder. */
export async function driftFrom(
  sql: postgres.ISql,
  folder: string,
  committed?: string,
): Promise<SchemaDrift> {
  const wanted = committed ?? readFileSync(join(folder, "..", "schema.sql"), "utf8");
  return schemaDrift(wanted, await describeSchema(sql));
}
