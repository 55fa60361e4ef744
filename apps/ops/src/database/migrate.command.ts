import { DbError } from "@call-ledger/db/errors";
import type { MigrationStatus } from "@call-ledger/db/migrate";
import { migrate, migrationStatus } from "@call-ledger/db/migrate";
import type { Result, Surroundings } from "../cli/command.ts";
import { command, failure, usage } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { explainMigrations } from "./explain-migrations.ts";
import { migrationsFolder } from "./migrations-folder.ts";
import { ownerUrl } from "./owner-url.ts";

/** The option of the commands that can add a second ledger to a server. */
export const SHARE_ROLES = {
  about:
    "allow another ledger of this server to read and write this one and the reverse, because roles belong to the server",
};

const NOTHING_APPLIED = "Nothing was applied.";
/** What the database itself says while the connection holds: it has rolled back what it refuses. */
const REFUSAL = /^(?!08|57P|E)[0-9A-Z]{5}$/;

export const migrateCommand = command({
  about:
    "Applies the migrations that the database does not have yet, all or none. You can run it any number of times. Run " +
    "it before the new release starts. The login has to own the database and be allowed to create roles; a missing " +
    "right is named. The exit code of --status is 1 if a migration was edited or is unknown to this release, or if " +
    "migrate would refuse.",
  options: {
    status: { about: "show applied and pending migrations, and change nothing" },
    sql: { about: "print the pending migrations as one script, and change nothing" },
    explain: { about: "run the pending migrations, roll them back, and show the failing statement" },
    "share-roles": SHARE_ROLES,
    migrations: {
      value: "DIR",
      about: "the folder of migrations; default: this release's",
      parse: migrationsFolder,
    },
  },
  examples: [
    "migrate",
    "migrate --status",
    "migrate --sql > pending.sql",
    "migrate --json   prints {applied: [names], version: name}",
  ],

  async run({ status, sql, explain, shareRoles, migrations: folder }, { env, program, warn, standsAt }) {
    const url = ownerUrl(env);
    const questions = Object.entries({ status, sql, explain }).filter(([, isAsked]) => isAsked);
    if (questions.length > 1) {
      throw usage(`Use either ${questions.map(([option]) => `--${option}`).join(" or ")}.`);
    }
    const isApplying = questions.length === 0;
    try {
      if (explain) return await explainMigrations(url, folder, shareRoles);
      if (!isApplying) {
        const found = await migrationStatus(url, folder, { shareRoles });
        return status ? statusResult(found, program) : scriptResult(found);
      }
      standsAt({ changed: false, message: NOTHING_APPLIED });
      const { applied, version } = await migrate(url, {
        log: (line) => {
          const message = `All of it is applied, or nothing. Next: ${program} migrate --status says which.`;
          standsAt({ changed: false, message });
          warn(line);
        },
        shareRoles,
        ...(folder === undefined ? {} : { folder }),
      });
      const text =
        applied.length === 0
          ? `Nothing to do: the database is at ${version}.`
          : `Applied ${applied.length}: the database is at ${version}.`;
      return { document: { applied, version }, text: [text] };
    } catch (error) {
      if (isApplying && error instanceof DbError && REFUSAL.test(error.code))
        standsAt({ changed: false, message: NOTHING_APPLIED });
      throw error;
    }
  },
});

function statusResult(
  { migrations, schema, fault }: MigrationStatus,
  program: Surroundings["program"],
): Result {
  const pending = migrations.filter(({ state }) => state === "pending").length;
  const next =
    fault ?? (pending === 0 ? "Nothing is pending." : `${pending} pending. Next: ${program} migrate`);
  return {
    document: {
      schema_version: schema?.version ?? null,
      oldest_code: schema?.oldestCode ?? null,
      migrations,
      pending,
      fault,
    },
    text: [
      ...table(
        ["MIGRATION", "STATE"],
        migrations.map(({ tag, state }) => [tag ?? "(not of this release)", state]),
      ),
      schema === null
        ? "The database was never migrated."
        : `The schema is at version ${schema.version}; code that knows ${schema.oldestCode} migrations or more can run on it.`,
      next,
    ],
    exitCode: fault === null ? 0 : 1,
  };
}

function scriptResult({ migrations, fault, script }: MigrationStatus): Result {
  if (fault !== null) throw failure(fault);
  const pending = migrations.filter(({ state }) => state === "pending").map(({ tag }) => tag);
  return { document: { pending, sql: script }, text: [script ?? "-- Nothing is pending."] };
}
