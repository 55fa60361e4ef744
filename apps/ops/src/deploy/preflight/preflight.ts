import { MIGRATIONS_FOLDER } from "@call-ledger/db/migrate";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import { openInspection } from "@call-ledger/db-operator/inspect";
import type { Surroundings } from "../../cli/command.ts";
import { settingsIn } from "../../cli/settings.ts";
import { onDatabase } from "../../database/database-checks.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { CheckResult } from "../checks/check.ts";
import { joinedResults, runChecks } from "../checks/check.ts";
import { answersPrintedBy } from "../checks/check-result.ts";
import { BACKUP_CHECK } from "./backup.checks.ts";
import { CHECKLIST } from "./checklist.checks.ts";
import { APPLICATION_CHECK, CONFIGURATION_CHECK, DATABASE_CHECKS } from "./database.checks.ts";
import { gitIn } from "./git.ts";
import { MIGRATION_CHECKS, TIMEOUTS_CHECK } from "./migration.checks.ts";
import type { Answer, PreflightInputs } from "./preflight.inputs.ts";
import { REPOSITORY_CHECKS } from "./repository.checks.ts";

export type PreflightOptions = {
  /** A folder of the working tree to deploy. */
  readonly folder: string;
  /** Asks a person a question. */
  confirm(question: string): Promise<Answer>;
  /** The folder of backups, and the max age of the newest in milliseconds; `null`: a backup is made afterwards. */
  readonly backups: { readonly folder: string; readonly oldestMs: number } | null;
  /** The folder of the migrations; default: this release's. */
  readonly migrations?: string | undefined;
  /** Whether another ledger of the server may have rights in this one, and the reverse. */
  readonly shareRoles: boolean;
  /**
   * Whether to check only the database and the pending migrations, for a pipeline: it has neither the server's
   * configuration nor a person, and migrates with drizzle-kit.
   */
  readonly pipeline?: boolean;
};

/**
 * Runs the checklist before a deployment: checks the facts that a program can see, and asks a person about the others.
 * Changes nothing. Each answer is printed as progress. Throws OpsError if no database is named.
 */
export async function preflight(surroundings: Surroundings, options: PreflightOptions): Promise<CheckResult> {
  const { env, program, now } = surroundings;
  const { folder, backups, confirm, migrations = MIGRATIONS_FOLDER } = options;
  const url = ownerUrl(env);
  const applicationUrl = (env.DATABASE_URL ?? "").trim();
  await using inspection = openInspection(url, migrations);
  await using application = ["", url].includes(applicationUrl)
    ? null
    : openInspection(applicationUrl, migrations);
  const git = gitIn(folder);
  const seen: PreflightInputs = {
    env,
    program,
    inspection,
    application,
    limitMb: settingsIn(env, ["DATABASE_LIMIT_MB"]).DATABASE_LIMIT_MB,
    git,
    root: (await git.ask("rev-parse", "--show-toplevel").catch(() => null)) ?? folder,
    migrations,
    shareRoles: options.shareRoles,
    backups: backups?.folder ?? "",
    database: () => ledgerPresence(url),
    oldestBackupMs: backups?.oldestMs ?? 0,
    now,
    confirm,
  };
  const print = answersPrintedBy(surroundings);
  const pendingChecks = [...DATABASE_CHECKS, ...MIGRATION_CHECKS];
  if (options.pipeline === true)
    return await runChecks(onDatabase(url, [...pendingChecks, TIMEOUTS_CHECK]), seen, print);
  const ofOwner = [...pendingChecks, ...(backups === null ? [] : [BACKUP_CHECK])];
  return joinedResults([
    await runChecks([CONFIGURATION_CHECK, ...REPOSITORY_CHECKS], seen, print),
    await runChecks(
      onDatabase(url, application === null ? [...ofOwner, APPLICATION_CHECK] : ofOwner),
      seen,
      print,
    ),
    ...(application === null
      ? []
      : [await runChecks(onDatabase(applicationUrl, [APPLICATION_CHECK]), seen, print)]),
    await runChecks(CHECKLIST, seen, print),
  ]);
}
