import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalEntry } from "./journal.ts";
import { LOCK_TIMEOUT } from "./migration-timeouts.ts";
import { OPERATION_LOCK } from "./operation.ts";

/** What Drizzle's migrator keeps its journal in, as it makes it itself. */
export const JOURNAL_TABLE = [
  "create schema if not exists drizzle",
  "create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)",
];

/** The statements of a migration, cut where Drizzle cuts them, without a semicolon at the end. */
export function statementsOf(folder: string, { tag }: JournalEntry): string[] {
  return readFileSync(join(folder, `${tag}.sql`), "utf8")
    .split("--> statement-breakpoint")
    .map((statement) => statement.trim().replace(/;$/, ""))
    .filter((statement) => statement !== "");
}

/** Notes a migration as Drizzle's migrator does, which then finds nothing to do. */
export function journalInsert({ hash, when }: JournalEntry): string {
  return `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', ${when})`;
}

/**
 * Migrations as one script for an SQL editor: a transaction that applies all or none, and refuses a database that has
 * not exactly `applied` migrations.
 */
export function migrationScript(
  folder: string,
  migrations: readonly JournalEntry[],
  applied: number,
): string {
  const tags = migrations.map(({ tag }) => tag).join(", ");
  const guard = [
    "do $guard$ begin",
    `  if (select count(*) from drizzle.__drizzle_migrations) <> ${applied} then`,
    `    raise exception 'this script is for a database that has ${applied} migrations: print it anew';`,
    "  end if;",
    "end $guard$",
  ].join("\n");
  const bodies = migrations.flatMap((migration) => [
    `-- ${migration.tag}`,
    ...[...statementsOf(folder, migration), journalInsert(migration)].map(ended),
  ]);
  return [
    `-- call-ledger: ${tags}. All of it is applied, or nothing.`,
    "begin;",
    `set local lock_timeout = '${LOCK_TIMEOUT}';`,
    `select pg_advisory_xact_lock(${OPERATION_LOCK});`,
    ...[...JOURNAL_TABLE, guard].map(ended),
    ...bodies,
    "commit;",
  ].join("\n\n");
}

/** A comment may end a statement's text, and swallow a semicolon on its line. */
function ended(statement: string): string {
  return /--[^\n]*$/.test(statement) ? `${statement}\n;` : `${statement};`;
}
