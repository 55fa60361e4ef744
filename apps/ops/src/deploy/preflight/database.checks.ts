import { serverSettings } from "../../database/server-settings.ts";
import type { Check, Finding } from "../checks/check.ts";
import { driftFinding, sizeCheck, WRITABLE_CHECK } from "../verify/ledger.checks.ts";
import { committedSchemaOf } from "./committed-schema.ts";
import type { PreflightInputs } from "./preflight.inputs.ts";

const OLDEST_MAJOR = 15;
const NEWEST_MAJOR = 18;
const LONG_SECONDS = 60;

export const CONFIGURATION_CHECK: Check<PreflightInputs> = {
  id: "configuration",
  expected: "an environment with which the server and its worker start in production",
  run: async ({ env, program }) => {
    const settings = serverSettings({ ...env, NODE_ENV: "production" });
    const found = settings.ok
      ? `no problem${settings.config.WORKER === "inline" ? "" : "; the worker is another process, which is not checked"}`
      : settings.problems.map(({ variable, problem }) => `${variable} ${problem}`).join("; ");
    return {
      ok: settings.ok,
      found,
      next: `${program} config shows the variables. They have to be those of the server.`,
    };
  },
};

/** Checks whether the database can be deployed to. */
export const DATABASE_CHECKS: readonly Check<PreflightInputs>[] = [
  {
    id: "database_connection",
    expected: "the database answers its owner",
    run: async ({ inspection }) => ({
      ok: true,
      found: `a login as ${(await inspection.loginStanding()).name}`,
    }),
  },
  {
    id: "postgres_version",
    expected: `Postgres ${OLDEST_MAJOR} to ${NEWEST_MAJOR}`,
    run: async ({ inspection }) => versionFinding(await inspection.serverMajor()),
  },
  {
    id: "privileges",
    expected: "this login may migrate this database",
    run: async ({ inspection, shareRoles }) => {
      const obstacle = await inspection.migrationObstacle(shareRoles);
      const shared = shareRoles ? null : await inspection.sharedRoles();
      return {
        ok: obstacle === null,
        found: obstacle ?? `this login may migrate${shared === null ? "" : `; a warning: ${shared}`}`,
        next: "Follow the advice above, then run preflight again.",
      };
    },
  },
  WRITABLE_CHECK,
  sizeCheck("free_space", "Make room first"),
  {
    id: "no_running_migration",
    expected: "no other operation runs, and no transaction is open for more than a minute",
    run: async ({ inspection }) => {
      const { operation, longTransactions, oldestSeconds } = await inspection.activity(LONG_SECONDS);
      return {
        ok: operation === null && longTransactions === 0,
        found: `${operation === null ? "no operation runs" : `${operation} runs`}, ${longTransactions} long transactions${oldestSeconds === null ? "" : `, the oldest ${oldestSeconds} s`}`,
        next: "Wait until it has ended; pg_stat_activity shows it. A migration would wait for its locks, and calls would wait for the migration.",
      };
    },
  },
  {
    id: "schema_drift",
    expected: "the schema of the database is the one that was committed with its migrations",
    run: liveSchemaFinding,
  },
];

export function versionFinding(major: number): Finding {
  return {
    ok: major >= OLDEST_MAJOR && major <= NEWEST_MAJOR,
    found: `Postgres ${major}`,
    next: "Upgrade or move the database first. Other majors are not tested.",
  };
}

/** This check connects with the application's own URL. */
export const APPLICATION_CHECK: Check<PreflightInputs> = {
  id: "application_login",
  expected: "DATABASE_URL is a login that may book",
  run: applicationFinding,
};

async function applicationFinding({ application, inspection, program }: PreflightInputs): Promise<Finding> {
  const { name, ownsTables, mayBook, harmful } = await (application ?? inspection).loginStanding();
  const isOwner = ownsTables
    ? `${name} owns the tables: ${program} db login makes a login that does not`
    : name;
  if (harmful !== null) {
    return {
      ok: false,
      found: `${name} connects with ${harmful}, so it cannot book`,
      next: "Find who set it and why. Then reset it for the role and the database (alter role … in database … reset …), and restart the server.",
    };
  }
  return {
    ok: mayBook !== false,
    found: `${isOwner}, ${mayBook === null ? "the database has no ledger yet" : mayBook ? "may book" : "may not book"}`,
    next: `${program} db login gives it what it needs and prints the DATABASE_URL of the server.`,
  };
}

async function liveSchemaFinding({ inspection, git, migrations }: PreflightInputs): Promise<Finding> {
  const { applied, pending, fault } = await inspection.schemaStanding();
  if (applied === 0) return { ok: true, found: "the database has no ledger yet" };
  if (fault !== null)
    return { ok: false, found: fault, next: "Correct the history first: migrate would refuse it." };
  if (pending.length === 0) return driftFinding(await inspection.schemaDrift());
  const committed = await committedSchemaOf(git, migrations, applied);
  if (committed !== null) return driftFinding(await inspection.schemaDrift(committed));
  return {
    ok: false,
    found: `no commit here has schema.sql for ${applied} migrations`,
    next: "Deploy from a clone with its history: git fetch --unshallow",
  };
}
