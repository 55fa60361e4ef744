import { BACKUPS_FOLDER } from "../../backup/backup-manifest.ts";
import { command } from "../../cli/command.ts";
import { duration } from "../../cli/values.ts";
import { resultOf } from "../checks/check-result.ts";
import { answersBy } from "./answers.ts";
import { preflight } from "./preflight.ts";

const DAY_MS = 86_400_000;

export const preflightCommand = command({
  about:
    "Checks what a deployment needs: the working tree and its build, the configuration, " +
    "the database (connection, version, privileges, space, what else runs there, drift of the schema), the pending " +
    "migrations (rows that they would refuse, locks that they would take) and the last backup. It asks you what no " +
    "program can see. Changes nothing.",
  options: {
    yes: { about: "answer every question of the checklist with yes, for a pipeline" },
    backups: { value: "DIR", about: `folder of the backups; default ${BACKUPS_FOLDER}` },
    "backup-age": { value: "T", about: "how old the newest backup may be; default 24h", parse: duration },
    pipeline: {
      about: "only the database and the pending migrations, and that drizzle-kit has timeouts",
    },
    "without-backup": { about: "do not look for a backup, because one is made elsewhere" },
  },
  examples: ["preflight", "preflight --yes --json", "preflight --pipeline"],

  async run(input, surroundings) {
    const { backups: folder = BACKUPS_FOLDER, backupAge: oldestMs = DAY_MS } = input;
    const report = await preflight(surroundings, {
      folder: process.cwd(),
      backups: input.withoutBackup ? null : { folder, oldestMs },
      confirm: answersBy(surroundings, input.yes),
      pipeline: input.pipeline,
    });
    const { text, ...result } = resultOf(report);
    const next = report.ok
      ? `Next: ${surroundings.program} migrate`
      : "Do not deploy before each of them is seen to.";
    return { ...result, text: [...text, next] };
  },
});
