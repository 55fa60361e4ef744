import { incompatibility } from "@call-ledger/db/compatibility";
import type { MigrationStatus } from "@call-ledger/db/migrate";
import { MigrationError, migrate, migrationStatus, operation } from "@call-ledger/db/migrate";
import type { StoredBackup } from "../backup/backup-manifest.ts";
import { takeBackup } from "../backup/take-backup.ts";
import type { Surroundings } from "../cli/command.ts";
import { failure } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import type { CheckResult } from "./checks/check.ts";
import type { Version } from "./new-version.ts";
import { runsAlready, untilDeployed } from "./new-version.ts";
import { callDeployHook } from "./render/deploy-hook.ts";
import type { Step, StepEnd, StepsResult } from "./run-steps.ts";
import { runSteps } from "./run-steps.ts";
import type { TargetInputs } from "./target.checks.ts";

/** The checks before, during and after a deployment. Each reports its answers as progress. */
export type DeployChecks = {
  /** Also sets `running` of the target. */
  preflight(): Promise<CheckResult>;
  verify(): Promise<CheckResult>;
  smoke(): Promise<CheckResult>;
  watch(): Promise<CheckResult>;
};

export type DeployPlan = {
  readonly ownerUrl: string;
  readonly target: TargetInputs;
  /** `undefined`: this release's own. */
  readonly migrations: string | undefined;
  readonly backups: string;
  readonly client: string | undefined;
  /** The version that `/health` has to show. */
  readonly version: Version;
  /** The max time until the new version appears. */
  readonly timeoutMs: number;
};

export type Deployed = StepsResult & {
  /** The commands to go back; empty if nothing was changed. */
  readonly back: readonly string[];
};

/** The steps that a deployment has done so far. */
type Done = {
  backup: StoredBackup | null;
  /** The number of migrations that were applied before; `null`: not read yet. */
  before: number | null;
  migrated: boolean;
  /** The time when the code was ordered; `null`: it was not. */
  calledAt: number | null;
  /** The commands to go back. */
  back: readonly string[];
};

/**
 * Runs a whole deployment: makes the checks, then, as the only operation on the database, backs up, migrates, verifies,
 * orders the code, waits for it, tests it and watches it. Stops at the first failure. If something was changed, the
 * exit code is 4, and the result has the commands to go back. Throws OperationRunning.
 */
export async function deploy(
  plan: DeployPlan,
  checks: DeployChecks,
  surroundings: Surroundings,
): Promise<Deployed> {
  const done: Done = { backup: null, before: null, migrated: false, calledAt: null, back: [] };
  const [preflight, ...work] = stepsOf(plan, checks, surroundings, done);
  const of = work.length + 1;
  const ready = await runSteps(preflight === undefined ? [] : [preflight], surroundings, { before: 0, of });
  if (ready.exitCode !== 0) return { ...ready, back: [] };
  const worked = await operation(plan.ownerUrl, "deploy", () =>
    runSteps(work, surroundings, { before: 1, of }),
  );
  const steps = [...ready.steps, ...worked.steps];
  const isHalfWay = worked.exitCode !== 0 && isChanged(done);
  return { steps, exitCode: isHalfWay ? 4 : worked.exitCode, back: isHalfWay ? done.back : [] };
}

function isChanged({ migrated, calledAt }: Done): boolean {
  return migrated || calledAt !== null;
}

function appliedIn({ migrations }: MigrationStatus): number {
  return migrations.filter(({ state }) => state !== "pending").length;
}

function stepsOf(plan: DeployPlan, checks: DeployChecks, surroundings: Surroundings, done: Done): Step[] {
  const { ownerUrl, target, version, timeoutMs } = plan;
  const { server, hook } = target;
  const { now, progress, standsAt } = surroundings;
  return [
    { id: "preflight", run: () => checked(checks.preflight()) },
    { id: "backup", run: () => backUp(plan, surroundings, done) },
    { id: "migrate", run: () => migrateStep(plan, surroundings, done) },
    { id: "verify", run: () => checked(checks.verify()) },
    {
      id: "deploy_code",
      run: async () => {
        if (runsAlready(target.running, version)) return fine("this commit already runs; nothing is ordered");
        if (hook === null) return fine("no hook; waits until it is deployed by a push or by hand");
        done.calledAt = now();
        return fine(await callDeployHook(hook, null));
      },
    },
    {
      id: "new_version",
      run: async () => {
        const awaited = { version, calledAt: done.calledAt, deadlineMs: timeoutMs, now, progress };
        const found = await untilDeployed(server, awaited);
        if (!runsAlready(target.running, version)) done.calledAt ??= now();
        return fine(found);
      },
    },
    { id: "smoke", run: () => checked(checks.smoke()) },
    { id: "watch", run: () => checked(checks.watch()) },
  ].map((step) => ({
    ...step,
    run: () => {
      standsAt({ changed: isChanged(done), message: standing(step.id, done, surroundings.program) });
      return asOpsError(step.run(), ownerUrl);
    },
  }));
}

/** Returns the state of a deployment that ends within a step. */
function standing(step: string, done: Done, program: string): string {
  if (step === "migrate") {
    return `All of its migrations are applied, or none; ${program} migrate --status shows which. The code is not deployed. Next: deploy again.`;
  }
  if (!isChanged(done)) return "Nothing was changed. The running release stays.";
  const code = done.calledAt === null ? "The code was not ordered yet" : "The code was ordered";
  return `The database is migrated. ${code}. Next: deploy again, which continues. To go back: ${done.back.join(", or ")}`;
}

async function backUp(plan: DeployPlan, { env, progress }: Surroundings, done: Done): Promise<StepEnd> {
  const { ownerUrl, migrations, backups: folder, client, target } = plan;
  const status = await migrationStatus(ownerUrl, migrations);
  if (status.fault !== null) throw failure(status.fault);
  done.before = appliedIn(status);
  if (status.schema === null) return fine("a new database: there is nothing to back up");
  const release = target.running?.commit ?? null;
  done.backup = await takeBackup({ ownerUrl, folder, client, purpose: "backup", release, env, progress });
  return fine(`${done.backup.archive}, ${done.backup.manifest.size_bytes} bytes`);
}

async function migrateStep(
  plan: DeployPlan,
  { progress, program }: Surroundings,
  done: Done,
): Promise<StepEnd> {
  const { ownerUrl, migrations, target } = plan;
  const options = migrations === undefined ? {} : { folder: migrations };
  const { applied, version } = await migrate(ownerUrl, { log: progress, ...options });
  done.migrated = applied.length > 0;
  const status = await migrationStatus(ownerUrl, migrations);
  done.back = waysBack(program, status, done, target);
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

/**
 * Returns the ways back, smallest change first: only the code, if the older code can run on the schema, then
 * everything.
 */
function waysBack(
  program: string,
  { schema }: MigrationStatus,
  { before, backup }: Done,
  { running, server }: TargetInputs,
): string[] {
  const mayStay =
    schema !== null && before !== null && before > 0 && incompatibility(schema, before) === null;
  const commit = running?.commit ?? null;
  const code =
    commit === null
      ? `${program} rollback code --to ${before}`
      : `${program} rollback code ${server.origin} --commit ${commit}`;
  const full = backup === null ? [] : [`${program} rollback full ${backup.archive}`];
  return mayStay ? [code, ...full] : full;
}
