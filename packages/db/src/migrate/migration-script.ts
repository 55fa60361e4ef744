import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalEntry } from "./journal.ts";
import { IN_PUBLIC, LOCK_TIMEOUT } from "./migration-settings.ts";
import { OPERATION_LOCK } from "./operation.ts";
import { SHARED_ON_PURPOSE } from "./shared-roles.ts";

/** The table of Drizzle's journal, as its migrator creates it. */
export const JOURNAL_TABLE = [
  "create schema if not exists drizzle",
  "create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)",
];

/** Returns the statements of a migration, split where Drizzle splits them, without a semicolon at the end. */
export function statementsOf(folder: string, { tag }: JournalEntry): string[] {
  return readFileSync(join(folder, `${tag}.sql`), "utf8")
    .split("--> statement-breakpoint")
    .map((statement) => statement.trim().replace(/;$/, ""))
    .filter((statement) => statement !== "");
}

/** Returns the statement that adds a migration to the journal of Drizzle's migrator, so that the migrator skips it. */
export function journalInsert({ hash, when }: JournalEntry): string {
  return `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', ${when})`;
}

/**
 * Returns migrations as one script for an SQL editor: a transaction that applies all or none. It refuses a database
 * that does not have exactly `applied` migrations. With `shareRoles` the ledger may share its roles with another one.
 */
export function migrationScript(
  folder: string,
  migrations: readonly JournalEntry[],
  { applied, shareRoles }: { readonly applied: number; readonly shareRoles: boolean },
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
    `set local ${IN_PUBLIC};`,
    ...(shareRoles ? [`set local ${SHARED_ON_PURPOSE};`] : []),
    `select pg_advisory_xact_lock(${OPERATION_LOCK});`,
    ...[...JOURNAL_TABLE, guard].map(ended),
    ...bodies,
    "commit;",
  ].join("\n\n");
}

/** Ends a statement on a new line if needed, because a comment at its end would hide a semicolon on the same line. */
function ended(statement: string): string {
  return /--[^\n]*$/.test(statement) ? `${statement}\n;` : `${statement};`;
}
