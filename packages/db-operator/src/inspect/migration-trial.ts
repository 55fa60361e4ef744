import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  appliedMigrations,
  IN_PUBLIC,
  JOURNAL_TABLE,
  journalFault,
  LOCK_TIMEOUT,
  migrationObstacle,
  readJournal,
  SHARED_ON_PURPOSE,
  STATEMENT_TIMEOUT,
} from "@call-ledger/db/migrate";
import postgres from "postgres";
import { sqlStatements } from "./sql-statements.ts";

/** The statement of a pending migration that the database refuses. */
export type FailingStatement = {
  /** The migration's tag. */
  readonly migration: string;
  /** The line in the migration's file, from 1. */
  readonly line: number;
  readonly statement: string;
  /** Postgres' own message, and its SQLSTATE. */
  readonly reason: string;
  readonly code: string;
};

export type MigrationTrial = {
  readonly pending: readonly string[];
  /** Why this login may not migrate this database, or the fault of the history; `null`: the trial ran. */
  readonly obstacle: string | null;
  /** `null`: every statement passed. */
  readonly failing: FailingStatement | null;
};

/**
 * Runs the pending migrations statement by statement in a transaction that is rolled back, to find the one that fails.
 * It takes the locks of the migrations until it ends. So use it after a failure, not before a deployment.
 */
export async function tryMigrations(
  sql: postgres.Sql,
  folder: string,
  shareRoles: boolean,
): Promise<MigrationTrial> {
  const journal = readJournal(folder);
  const applied = await appliedMigrations(sql);
  const obstacle = (await migrationObstacle(sql, { shareRoles })) ?? journalFault(journal, applied);
  const pending = journal.slice(applied.length).map(({ tag }) => tag);
  if (obstacle !== null) return { pending, obstacle, failing: null };
  const end = await sql.begin((tx) => firstFailure(tx, folder, pending)).catch((error: unknown) => error);
  if (!(end instanceof TrialEnd)) throw end;
  return { pending, obstacle, failing: end.failing };
}

/** Thrown to roll the trial back, whatever its result. */
class TrialEnd extends Error {
  readonly failing: FailingStatement | null;

  constructor(failing: FailingStatement | null) {
    super("the trial is over");
    this.failing = failing;
  }
}

async function firstFailure(tx: postgres.TransactionSql, folder: string, pending: readonly string[]) {
  await tx.unsafe(`set local lock_timeout = '${LOCK_TIMEOUT}'; set local statement_timeout = '${STATEMENT_TIMEOUT}';
    set local ${SHARED_ON_PURPOSE}; set local ${IN_PUBLIC}`);
  for (const statement of JOURNAL_TABLE) await tx.unsafe(statement);
  for (const migration of pending) {
    for (const { text, from } of sqlStatements(readFileSync(join(folder, `${migration}.sql`), "utf8"))) {
      await tx.unsafe(text).catch((error: unknown) => {
        if (!(error instanceof postgres.PostgresError)) throw error;
        const { message: reason, code } = error;
        throw new TrialEnd({ migration, line: from + 1, statement: text, reason, code });
      });
    }
  }
  throw new TrialEnd(null);
}
