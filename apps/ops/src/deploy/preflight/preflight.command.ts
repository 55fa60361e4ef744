import { BACKUPS_FOLDER } from "../../backup/backup-manifest.ts";
import { command } from "../../cli/command.ts";
import { duration } from "../../cli/values.ts";
import { SHARE_ROLES } from "../../database/migrate.command.ts";
import { checksResult } from "../checks/check-result.ts";
import { answersBy } from "./answers.ts";
import { preflight } from "./preflight.ts";

const DAY_MS = 86_400_000;

export const preflightCommand = command({
  about:
    "Checks the conditions of a deployment: the working tree and its build, the configuration, the database, the " +
    "pending migrations (rows that they would refuse, locks that they would take) and the last backup. It asks you the " +
    "questions that a program cannot answer. Changes nothing.",
  options: {
    yes: { about: "answer every question of the checklist with yes, for a pipeline" },
    backups: { value: "DIR", about: `the folder of backups; default ${BACKUPS_FOLDER}` },
    "backup-age": { value: "T", about: "the max age of the newest backup; default 24h", parse: duration },
    pipeline: {
      about: "check only the database, the pending migrations and the timeouts of drizzle-kit",
    },
    "share-roles": SHARE_ROLES,
    "without-backup": { about: "do not check for a backup, because one is made elsewhere" },
  },
  examples: ["preflight", "preflight --yes --json", "preflight --pipeline"],

  async run(input, surroundings) {
    const { backups: folder = BACKUPS_FOLDER, backupAge: oldestMs = DAY_MS } = input;
    const result = await preflight(surroundings, {
      folder: process.cwd(),
      backups: input.withoutBackup ? null : { folder, oldestMs },
      confirm: answersBy(surroundings, input.yes),
      pipeline: input.pipeline,
      shareRoles: input.shareRoles,
    });
    const next = result.ok
      ? `Next: ${surroundings.program} migrate`
      : "Do not deploy before all of them pass.";
    return checksResult(result, { after: [next] });
  },
});
