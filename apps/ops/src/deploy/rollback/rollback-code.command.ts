import { incompatibility } from "@call-ledger/db/compatibility";
import { command, failure, usage } from "../../cli/command.ts";
import { serverIn, webAddress } from "../../cli/values.ts";
import { migrationsKnownBy } from "../preflight/committed-schema.ts";
import { gitIn } from "../preflight/git.ts";
import { COMMIT_OPTION } from "../render/deployment-input.ts";
import { RELEASE_TIMEOUTS, rollBackCode } from "../render/release-code.ts";
import { codeSteps } from "./code.steps.ts";
import { LOOK_OPTIONS, rollbackFacts } from "./rollback-facts.ts";

export const rollbackCodeCommand = command({
  about:
    "The code alone goes back. Proves by the schema's compatibility marker that the older release may run on the schema " +
    "as it is, so that there is nothing to do in the database; exit code 1 if it may not. With URL and " +
    "RENDER_DEPLOY_HOOK_URL it orders the commit before through the hook and waits until it serves; else it prints the steps. " +
    "The commit before is the one of --commit, or the one that ran when deploy took the newest backup.",
  options: {
    ...LOOK_OPTIONS,
    commit: { ...COMMIT_OPTION, about: "the commit to go back to; default: that of the newest backup" },
  },
  values: "[URL]",
  examples: ["rollback code https://ledger.example.com --commit 3f9c2a71b0d4", "rollback code --to 4"],

  async run(input, surroundings, values) {
    const { env, program, progress: say } = surroundings;
    const service = serverIn(values);
    const { schema, previous, release } = await rollbackFacts(input, surroundings);
    const commit = input.commit ?? release;
    const known =
      input.to ?? (await migrationsKnownBy(gitIn(process.cwd()), input.commit ?? null)) ?? previous;
    if (known === null)
      throw usage(
        "No backup tells which release was there before: name its commit, --commit HASH, or say how many migrations it knows, --to N.",
      );
    const hindrance = incompatibility(schema, known);
    if (hindrance !== null) {
      throw failure(
        `The code alone cannot go back: ${hindrance}. Next: ${program} rollback full, or mend this release and deploy it.`,
      );
    }
    const hook = (env.RENDER_DEPLOY_HOOK_URL ?? "").trim();
    const isOrdered = service !== undefined && commit !== null && hook !== "";
    if (isOrdered) {
      const to = {
        service,
        hook: webAddress(hook, "RENDER_DEPLOY_HOOK_URL"),
        timeouts: RELEASE_TIMEOUTS,
        say,
      };
      await rollBackCode(to, commit);
    }
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
        `Nothing has to be done in the database: it is at version ${schema.version}, takes code that knows ` +
          `${schema.oldestCode} migrations or more, and the older release knows ${known}.`,
        ...(isOrdered ? [`Next: ${program} smoke ${service.href}`] : codeSteps(program, commit)),
      ],
    };
  },
});
