import { migrationStatus } from "@call-ledger/db/migrate";
import { BACKUPS_FOLDER } from "../backup/backup-manifest.ts";
import type { Input, Result, Surroundings } from "../cli/command.ts";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { duration, requiredServer, webAddress } from "../cli/values.ts";
import { SHARE_ROLES } from "../database/migrate.command.ts";
import { migrationsFolder } from "../database/migrations-folder.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { SECRET_ABOUT, webhookAccountIn } from "../simulation/webhook-credential.ts";
import { joinedResults, runChecks } from "./checks/check.ts";
import { answersPrintedBy } from "./checks/check-result.ts";
import type { DeployChecks, Deployed, DeployPlan } from "./deploy.ts";
import { deploy } from "./deploy.ts";
import { ownVersion, versionNamed } from "./new-version.ts";
import { answersBy } from "./preflight/answers.ts";
import { preflight } from "./preflight/preflight.ts";
import { metricsToken } from "./server/ask-health.ts";
import { smoke } from "./smoke/smoke.ts";
import type { TargetInputs } from "./target.checks.ts";
import { TARGET_CHECKS } from "./target.checks.ts";
import { verify } from "./verify/verify.ts";
import type { Log } from "./watch/follow-log.ts";
import { logIn } from "./watch/watch.command.ts";
import { watch } from "./watch/watch.ts";
import { evenSchedule } from "./watch/watch-schedule.ts";

const MINUTE_MS = 60_000;
const TIMEOUT_MS = 15 * MINUTE_MS;
const WATCH_MS = 5 * MINUTE_MS;
const LOOKS = 10;

const OPTIONS = {
  expect: {
    value: "VERSION",
    about:
      "the version that /health has to show, VERSION or VERSION+COMMIT; default: this package's and the working tree's",
  },
  wait: { value: "T", about: "the max time to wait for the new version; default 15m", parse: duration },
  watch: { value: "T", about: "how long to watch at the end; default 5m", parse: duration },
  migrations: {
    value: "DIR",
    about: "the folder of migrations; default: this release's",
    parse: migrationsFolder,
  },
  "share-roles": SHARE_ROLES,
  backups: { value: "DIR", about: `the folder of the backup; default ${BACKUPS_FOLDER}` },
  client: { value: "DIR", about: "the folder of pg_dump and pg_restore" },
  log: { value: "FILE", about: "the service's log for the step watch; - is standard input" },
  yes: { about: "answer every question of the checklist with yes, for a pipeline" },
  secret: { value: "S", about: `for smoke, ${SECRET_ABOUT}` },
} as const;

export const deployCommand = command({
  about:
    "Runs a deployment step by step: preflight (with the URL, the hook, the secret and the clock), backup, migrate, " +
    "verify, deploy hook, the new version in /health, smoke, watch. Stops at the first that fails. If nothing was " +
    "changed yet, the running release stays. Otherwise the exit code is 4, and the commands to continue and to go back " +
    "are printed. Without a hook, deploy the code by a push or by hand after the migrations.",
  options: OPTIONS,
  values: "URL",
  examples: ["deploy https://ledger.example.com", "deploy http://localhost:3001 --yes --watch 30s --json"],

  async run(input, surroundings, values) {
    const server = requiredServer(values, "deploy");
    const account = webhookAccountIn(input.secret, surroundings.env);
    const { watch: watchMs = WATCH_MS } = input;
    const plan = await planIn(input, surroundings, { server, account });
    await using log = await logIn(input.log);
    if (log === undefined)
      surroundings.progress("The service's log is not watched. Name it with --log FILE.");
    const checks = checksOf(plan, surroundings, { yes: input.yes, watchMs, log });
    const { program } = surroundings;
    return resultOf(await deploy(plan, checks, surroundings), { server, program });
  },
});

function checksOf(
  { target, ownerUrl: databaseUrl, migrations, shareRoles }: DeployPlan,
  surroundings: Surroundings,
  { yes, watchMs, log }: { yes: boolean; watchMs: number; log: Log | undefined },
): DeployChecks {
  const { server, account } = target;
  const print = answersPrintedBy(surroundings);
  return {
    preflight: async () =>
      joinedResults([
        await runChecks(TARGET_CHECKS, target, print),
        await preflight(surroundings, {
          folder: process.cwd(),
          backups: null,
          confirm: answersBy(surroundings, yes),
          migrations,
          shareRoles,
        }),
      ]),
    verify: () => verify(surroundings, {}),
    smoke: () => smoke(surroundings, { server, account }),
    watch: () => {
      const schedule = evenSchedule(Math.max(1_000, Math.floor(watchMs / LOOKS)), watchMs);
      return watch(surroundings, { server, schedule, databaseUrl, log, before: target.running });
    },
  };
}

async function planIn(
  input: Input<typeof OPTIONS>,
  { env, now }: Surroundings,
  to: Pick<TargetInputs, "server" | "account">,
): Promise<DeployPlan> {
  const given = env.RENDER_DEPLOY_HOOK_URL?.trim() ?? "";
  const hook = given === "" ? null : webAddress(given, "RENDER_DEPLOY_HOOK_URL");
  const url = ownerUrl(env);
  // Here a database that does not answer counts as a later deployment; the checks that use it fail.
  const isFirst = await migrationStatus(url).then(
    ({ schema }) => schema === null,
    () => false,
  );
  return {
    ownerUrl: url,
    target: { ...to, hook, token: metricsToken(env), isFirst, now },
    migrations: input.migrations,
    shareRoles: input.shareRoles,
    backups: input.backups ?? BACKUPS_FOLDER,
    client: input.client,
    version: input.expect === undefined ? await ownVersion() : versionNamed(input.expect),
    timeoutMs: input.wait ?? TIMEOUT_MS,
  };
}

function resultOf(
  { steps, exitCode, isHalfWay, isRunning, back }: Deployed,
  { server, program }: { readonly server: URL; readonly program: string },
): Result {
  const rows = steps.map(({ id, ok, seconds }) => [id, ok ? "ok" : "FAILED", `${seconds} s`]);
  const failed = steps.find(({ ok }) => !ok);
  const wayBack =
    back.length === 0
      ? [
          `No backup is from before this release. ${program} rollback ${server.origin} shows which ways back apply.`,
        ]
      : ["To go back:", ...back.map((command) => `  ${command}`)];
  return {
    document: { ok: exitCode === 0, steps, back },
    text: [
      ...table(["STEP", "", "TIME"], rows),
      ...(failed === undefined
        ? [`Deployed. Next, for the rest of the day: ${program} watch ${server.origin}`]
        : isHalfWay
          ? [
              `Stopped at ${failed.id}, half-way. To continue: correct the failure, then deploy again, which does the remaining steps.`,
              ...wayBack,
            ]
          : [
              `Stopped at ${failed.id}. Nothing was changed. The running release stays.`,
              ...(isRunning
                ? [`It is the release to deploy. If it is at fault: ${program} rollback ${server.origin}`]
                : []),
            ]),
    ],
    exitCode,
  };
}
