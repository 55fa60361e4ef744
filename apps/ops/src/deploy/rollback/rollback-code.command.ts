import { incompatibility } from "@call-ledger/db/compatibility";
import { command, failure, usage } from "../../cli/command.ts";
import { serverIn } from "../../cli/values.ts";
import { isSameCommit } from "../new-version.ts";
import { migrationsKnownBy } from "../preflight/committed-schema.ts";
import { gitIn } from "../preflight/git.ts";
import { COMMIT_OPTION, deploymentIn } from "../render/deployment-input.ts";
import { rollBackCode } from "../render/release-code.ts";
import { codeSteps } from "./code.steps.ts";
import { ROLLBACK_OPTIONS, rollbackFacts } from "./rollback-facts.ts";

export const rollbackCodeCommand = command({
  about:
    "Rolls only the code back, if the older release can run on the present schema; else the exit code is 1. With URL " +
    "and RENDER_DEPLOY_HOOK_URL it orders the earlier commit through the hook and waits until it serves; else it " +
    "prints the steps. A commit that already runs is not ordered.",
  options: {
    ...ROLLBACK_OPTIONS,
    commit: {
      ...COMMIT_OPTION,
      about: "the commit to go back to; default: that of the backup before this release",
    },
  },
  values: "[URL]",
  examples: ["rollback code https://ledger.example.com --commit 3f9c2a71b0d4", "rollback code --to 4"],

  async run(input, surroundings, values) {
    const { env, program } = surroundings;
    const service = serverIn(values);
    const { schema, previous, release, running } = await rollbackFacts(input, surroundings, service);
    const commit = input.commit ?? release;
    const hook = (env.RENDER_DEPLOY_HOOK_URL ?? "").trim();
    const isOrdered = service !== undefined && commit !== null && hook !== "";
    if (isOrdered && isSameCommit(commit, running)) throw failure(alreadyRuns(commit));
    const isOfBackup = input.commit === undefined || isSameCommit(input.commit, release);
    const known =
      input.to ??
      (await migrationsKnownBy(gitIn(process.cwd()), input.commit ?? null)) ??
      (isOfBackup ? previous : null);
    if (known === null)
      throw usage(
        `No backup and no history here has the commit ${input.commit ?? "of the previous release"}. Name another with --commit HASH, or give the number of migrations that it knows with --to N.`,
      );
    const hindrance = incompatibility(schema, known);
    if (hindrance !== null) {
      throw failure(
        `The code alone cannot go back: ${hindrance}. Next: ${program} rollback full, or correct this release and deploy it.`,
      );
    }
    if (isOrdered) await rollBackCode(deploymentIn(values, surroundings), commit);
    return {
      document: {
        schema_version: schema.version,
        oldest_code: schema.oldestCode,
        previous: known,
        compatible: true,
        commit,
        deployed: isOrdered,
      },
      text: [
        `The database needs no change: it is at version ${schema.version}, accepts code that knows ` +
          `${schema.oldestCode} migrations or more, and the older release knows ${known}.`,
        ...(isOrdered ? [`Next: ${program} smoke ${service.href}`] : codeSteps(program, commit)),
      ],
    };
  },
});

function alreadyRuns(commit: string): string {
  return (
    `${commit} already runs. Nothing was ordered. Name the commit to go back to with --commit HASH. ` +
    "If your host still deploys another commit, cancel that deploy there."
  );
}
