import { incompatibility } from "@call-ledger/db/compatibility";
import type { MigrationStatus } from "@call-ledger/db/migrate";
import { MigrationError, migrate, migrationStatus } from "@call-ledger/db/migrate";
import type { StoredBackup } from "../backup/backup-manifest.ts";
import { takeBackup } from "../backup/take-backup.ts";
import type { Surroundings } from "../cli/command.ts";
import { failure } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import type { CheckResult } from "./checks/check.ts";
import type { Version } from "./new-version.ts";
import { untilDeployed } from "./new-version.ts";
import { callDeployHook } from "./render/deploy-hook.ts";
import type { Step, StepEnd, StepsResult } from "./run-steps.ts";
import { runSteps } from "./run-steps.ts";

/** What a deployment asks before, between and after; each tells its answers as it goes. */
export type DeployChecks = {
  preflight(): Promise<CheckResult>;
  verify(): Promise<CheckResult>;
  smoke(): Promise<CheckResult>;
  watch(): Promise<CheckResult>;
};

export type DeployPlan = {
  readonly ownerUrl: string;
  readonly server: URL;
  /** `null`: the code is deployed by other means meanwhile, such as a push. */
  readonly hook: URL | null;
  /** `undefined`: this release's own. */
  readonly migrations: string | undefined;
  readonly backups: string;
  readonly client: string | undefined;
  /** What `/health` has to show. */
  readonly version: Version;
  /** For the new version to appear. */
  readonly timeoutMs: number;
};

export type Deployed = StepsResult & {
  /** How to go back, in commands; empty where nothing was changed. */
  readonly back: readonly string[];
};

/** What a deployment has done so far. */
type Done = {
  backup: StoredBackup | null;
  /** How many migrations were applied before; `null`: nobody has looked yet. */
  before: number | null;
  /** When the code was put in place; `null`: it was not. */
  calledAt: number | null;
};

/**
 * A whole deployment: asks, backs up, migrates, verifies, has the code deployed, waits for it, tries it and
 * watches it. Stops at the first failure; with exit code 4 where something had been changed, and how to go back.
 */
export async function deploy(
  plan: DeployPlan,
  checks: DeployChecks,
  surroundings: Surroundings,
): Promise<Deployed> {
  const done: Done = { backup: null, before: null, calledAt: null };
  const report = await runSteps(stepsOf(plan, checks, surroundings, done), surroundings);
  if (report.exitCode === 0) return { ...report, back: [] };
  const status = await migrationStatus(plan.ownerUrl, plan.migrations).catch(() => null);
  const migrated = done.before !== null && (status === null || appliedIn(status) !== done.before);
  const changed = migrated || done.calledAt !== null;
  return {
    ...report,
    exitCode: changed ? 4 : report.exitCode,
    back: changed ? waysBack(surroundings.program, status, done) : [],
  };
}

function appliedIn({ migrations }: MigrationStatus): number {
  return migrations.filter(({ state }) => state !== "pending").length;
}

function stepsOf(plan: DeployPlan, checks: DeployChecks, surroundings: Surroundings, done: Done): Step[] {
  const { ownerUrl, server, hook, version, timeoutMs } = plan;
  const { now, progress } = surroundings;
  return [
    { id: "preflight", run: () => checked(checks.preflight()) },
    { id: "backup", run: () => backUp(plan, surroundings, done) },
    { id: "migrate", run: () => migrateStep(plan, progress) },
    { id: "verify", run: () => checked(checks.verify()) },
    {
      id: "deploy_code",
      run: async () => {
        if (hook === null) return fine("no hook: waits for it to be deployed by a push or by hand");
        done.calledAt = now();
        return fine(await callDeployHook(hook, null));
      },
    },
    {
      id: "new_version",
      run: async () => {
        const awaited = { version, calledAt: done.calledAt, deadlineMs: timeoutMs, now, progress };
        const found = await untilDeployed(server, awaited);
        done.calledAt ??= now();
        return fine(found);
      },
    },
    { id: "smoke", run: () => checked(checks.smoke()) },
    { id: "watch", run: () => checked(checks.watch()) },
  ].map((step) => ({ ...step, run: () => asOpsError(step.run(), ownerUrl) }));
}

async function backUp(plan: DeployPlan, { env, progress }: Surroundings, done: Done): Promise<StepEnd> {
  const { ownerUrl, migrations, backups: folder, client } = plan;
  const status = await migrationStatus(ownerUrl, migrations);
  if (status.fault !== null) throw failure(status.fault);
  done.before = appliedIn(status);
  if (status.schema === null) return fine("a new database: there is nothing to back up");
  done.backup = await takeBackup({ ownerUrl, folder, client, purpose: "backup", env, progress });
  return fine(`${done.backup.archive}, ${done.backup.manifest.size_bytes} bytes`);
}

async function migrateStep(
  { ownerUrl, migrations }: DeployPlan,
  progress: Surroundings["progress"],
): Promise<StepEnd> {
  const options = migrations === undefined ? {} : { folder: migrations };
  const { applied, version } = await migrate(ownerUrl, { log: progress, ...options });
  return fine(applied.length === 0 ? `nothing to do, it is at ${version}` : `applied ${applied.join(", ")}`);
}

async function checked(report: Promise<CheckResult>): Promise<StepEnd> {
  const { ok, checks, exitCode } = await report;
  const failed = checks.filter((item) => !item.ok).map(({ id }) => id);
  return {
    ok,
    exitCode,
    found: ok ? `all ${checks.length} checks hold` : `failed: ${failed.join(", ")}`,
  };
}

const fine = (found: string): StepEnd => ({ ok: true, found, exitCode: 0 });

async function asOpsError(step: Promise<StepEnd>, url: string): Promise<StepEnd> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof MigrationError) throw failure(error.message);
    throw databaseFailure(error, url) ?? error;
  }
}

/** The least first: the code alone where the schema still takes the older one, and everything. */
function waysBack(program: string, status: MigrationStatus | null, { before, backup }: Done): string[] {
  const schema = status?.schema ?? null;
  const mayStay =
    schema !== null && before !== null && before > 0 && incompatibility(schema, before) === null;
  const code = `${program} rollback code --to ${before}`;
  const full = backup === null ? [] : [`${program} rollback full ${backup.archive}`];
  return mayStay ? [code, ...full] : full;
}
