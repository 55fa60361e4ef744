import { incompatibility } from "@call-ledger/db/compatibility";
import { OperationRunning } from "@call-ledger/db/errors";
import type { SchemaState } from "@call-ledger/db/migrate";
import { assertNoOperation, migrate, migrationStatus, operation } from "@call-ledger/db/migrate";
import type { StoredBackup } from "../backup/backup-manifest.ts";
import { backupsIn } from "../backup/backup-manifest.ts";
import { takeBackup } from "../backup/take-backup.ts";
import type { Surroundings } from "../cli/command.ts";
import { failure, OpsError } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import type { CheckResult } from "./checks/check.ts";
import type { Version } from "./new-version.ts";
import { ANSWER_MS, isSameCommit, runsAlready, untilServes } from "./new-version.ts";
import { gitIn } from "./preflight/git.ts";
import { callDeployHook } from "./render/deploy-hook.ts";
import type { WayBack } from "./rollback/way-back.ts";
import { provenWayBack } from "./rollback/way-back.ts";
import type { Step, StepEnd, StepsResult } from "./run-steps.ts";
import { runSteps } from "./run-steps.ts";
import { PROBE_MAY_BE_LEFT } from "./smoke/smoke.ts";
import type { TargetInputs } from "./target.checks.ts";

/** The checks before, during and after a deployment. Each prints its answers as progress. */
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
  /** Whether another ledger of the server may have rights in this one, and the reverse. */
  readonly shareRoles: boolean;
  readonly backups: string;
  readonly client: string | undefined;
  /** The version that `/health` has to show. */
  readonly version: Version;
  /** The max time until the new version appears. */
  readonly timeoutMs: number;
};

export type Deployed = StepsResult & {
  /** Whether this run, or an earlier attempt that it continues, has changed something, and a step failed then. */
  readonly isHalfWay: boolean;
  /** Whether the commit to deploy ran already at the start. */
  readonly isRunning: boolean;
  /** The commands to go back; empty if the deployment is not half-way, or no way back is known. */
  readonly back: readonly string[];
};

/** The steps that a deployment has done so far. */
type Done = {
  backup: StoredBackup | null;
  migrated: boolean;
  /** Whether an earlier attempt has migrated the database or deployed this commit. */
  isContinued: boolean;
  /** The time when the code was ordered; `null`: it was not. */
  calledAt: number | null;
  /** The commands to go back. */
  back: readonly string[];
};

/**
 * Runs a whole deployment: makes the checks, then, as the only operation on the database, backs up, migrates, verifies,
 * orders the code, waits for it, tests it and watches it. Stops at the first failure. If something was changed, by this
 * run or by an earlier attempt, the exit code is 4, and the result has the commands to go back. Throws
 * OperationRunning.
 */
export async function deploy(
  plan: DeployPlan,
  checks: DeployChecks,
  surroundings: Surroundings,
): Promise<Deployed> {
  await assertNoOperation(plan.ownerUrl).catch((error: unknown) => {
    // A check fails if the database does not answer.
    if (error instanceof OperationRunning) throw error;
  });
  const done: Done = { backup: null, migrated: false, isContinued: false, calledAt: null, back: [] };
  const [preflight, ...work] = stepsOf(plan, checks, surroundings, done);
  const of = work.length + 1;
  const ready = await runSteps(preflight === undefined ? [] : [preflight], surroundings, { before: 0, of });
  const isRunning = runsAlready(plan.target.running, plan.version);
  if (ready.exitCode !== 0) return { ...ready, isHalfWay: false, isRunning, back: [] };
  const worked = await operation(plan.ownerUrl, "deploy", () =>
    runSteps(work, surroundings, { before: 1, of }),
  );
  const steps = [...ready.steps, ...worked.steps];
  const isHalfWay = worked.exitCode !== 0 && isChanged(done);
  const back = isHalfWay ? done.back : [];
  return { steps, exitCode: isHalfWay ? 4 : worked.exitCode, isHalfWay, isRunning, back };
}

function isChanged({ migrated, isContinued, calledAt }: Done): boolean {
  return migrated || isContinued || calledAt !== null;
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
        return orderCode(hook, done, now());
      },
    },
    {
      id: "new_version",
      run: async () => {
        const timeouts = { answerMs: ANSWER_MS, releaseMs: timeoutMs, pollMs: 1_000 };
        const awaited = { version, calledAt: done.calledAt, timeouts, now, progress };
        const found = await untilServes(server, awaited);
        if (!runsAlready(target.running, version)) done.calledAt ??= now();
        return fine(found);
      },
    },
    { id: "smoke", run: () => checked(checks.smoke()) },
    { id: "watch", run: () => checked(checks.watch()) },
  ].map((step) => ({
    ...step,
    run: () => {
      standsAt({ changed: isChanged(done), message: standing(step.id, done, plan, surroundings.program) });
      return asOpsError(step.run(), ownerUrl);
    },
  }));
}

async function orderCode(hook: URL, done: Done, now: number): Promise<StepEnd> {
  done.calledAt = now;
  try {
    return fine((await callDeployHook(hook, null)).found);
  } catch (error) {
    // Any other exit code means that the hook did not take the order.
    if (error instanceof OpsError && error.exitCode !== 4) done.calledAt = null;
    throw error;
  }
}

/** Returns the state of a deployment that ends within a step. */
function standing(step: string, done: Done, { target, version }: DeployPlan, program: string): string {
  if (step === "migrate") {
    return `All of its migrations are applied, or none; ${program} migrate --status shows which. The code is not deployed. Next: deploy again.`;
  }
  const probe = step === "smoke" ? ` ${PROBE_MAY_BE_LEFT}` : "";
  if (!isChanged(done)) return `Nothing was changed. The running release stays.${probe}`;
  const code = runsAlready(target.running, version)
    ? "This release runs already"
    : done.calledAt === null
      ? "The code was not ordered yet"
      : "The code was ordered";
  const back = done.back.length === 0 ? "" : ` To go back: ${done.back.join(", or ")}`;
  return `The database is migrated. ${code}.${probe} Next: deploy again, which continues.${back}`;
}

async function backUp(plan: DeployPlan, { env, progress }: Surroundings, done: Done): Promise<StepEnd> {
  const { ownerUrl, migrations, shareRoles, backups: folder, client, target, version } = plan;
  const status = await migrationStatus(ownerUrl, migrations, { shareRoles });
  if (status.fault !== null) throw failure(status.fault);
  if (status.schema === null) return fine("a new database: there is nothing to back up");
  const of = { release: target.running?.commit ?? null, beforeRelease: version.commit };
  done.backup = await takeBackup({ ownerUrl, folder, client, purpose: "backup", ...of, env, progress });
  return fine(`${done.backup.archive}, ${done.backup.manifest.size_bytes} bytes`);
}

async function migrateStep(
  plan: DeployPlan,
  { progress, program }: Surroundings,
  done: Done,
): Promise<StepEnd> {
  const { ownerUrl, migrations, shareRoles, target } = plan;
  const options = { shareRoles, ...(migrations === undefined ? {} : { folder: migrations }) };
  const { applied, version } = await migrate(ownerUrl, { log: progress, ...options });
  done.migrated = applied.length > 0;
  const { schema } = await migrationStatus(ownerUrl, migrations);
  const before = schema === null ? null : await wayBackOf(plan, done, schema);
  if (schema !== null && before !== null) done.back = waysBack(program, before, schema, target);
  const isMigrated = (before?.backup.manifest.migrations.length ?? 0) < (schema?.version ?? 0);
  done.isContinued = runsAlready(target.running, plan.version) || (before !== null && isMigrated);
  return fine(applied.length === 0 ? `nothing to do, it is at ${version}` : `applied ${applied.join(", ")}`);
}

/** Returns the state before this deployment, or before its first attempt; `null` if no backup has it. */
async function wayBackOf(
  { backups: folder, target, version }: DeployPlan,
  { backup }: Done,
  schema: SchemaState,
): Promise<WayBack | null> {
  if (backup === null) return null;
  const { database, database_id: databaseId = null, release = null, migrations } = backup.manifest;
  const backups = backupsIn(folder, { database, databaseId });
  const found = await provenWayBack(backups, { running: version.commit, schema }, gitIn(process.cwd()));
  const isOfThis =
    found !== null &&
    (found.backup.name === backup.name ||
      isSameCommit(found.release, release) ||
      isSameCommit(found.backup.manifest.before_release, version.commit));
  if (isOfThis) return found;
  return runsAlready(target.running, version) ? null : { backup, release, known: migrations.length };
}

async function checked(result: Promise<CheckResult>): Promise<StepEnd> {
  const { ok, checks, exitCode } = await result;
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
    throw databaseFailure(error, url) ?? error;
  }
}

/**
 * Returns the ways back, smallest change first: only the code, if the older code can run on the schema, then
 * everything, if the schema has changed.
 */
function waysBack(
  program: string,
  { backup, release, known }: WayBack,
  schema: SchemaState,
  { server }: TargetInputs,
): string[] {
  const code =
    release === null
      ? `${program} rollback code --to ${known}`
      : `${program} rollback code ${server.origin} --commit ${release}`;
  const full = `${program} rollback full ${backup.archive}`;
  if (incompatibility(schema, known) !== null) return [full];
  return known < schema.version ? [code, full] : [code];
}
