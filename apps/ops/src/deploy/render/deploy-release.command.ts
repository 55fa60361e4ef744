import { appendFileSync } from "node:fs";
import { command, usage } from "../../cli/command.ts";
import { ownVersion } from "../new-version.ts";
import { COMMIT_OPTION, deploymentIn } from "./deployment-input.ts";
import { releaseCode } from "./release-code.ts";

export const deployReleaseCommand = command({
  about:
    "The pipeline's step between migrate and smoke. Orders one commit through Render's deploy hook " +
    "(RENDER_DEPLOY_HOOK_URL), and waits until /health of the service shows it and it is ready. In GitHub Actions, the " +
    "step's output `previous` is the commit that ran before, for deploy rollback.",
  options: {
    commit: { ...COMMIT_OPTION, about: "the commit to deploy; default: the commit that is checked out" },
  },
  values: "[URL]",
  examples: ["deploy release https://ledger.example.com", "deploy release   takes the URL from SERVICE_URL"],

  async run(input, surroundings, values) {
    const deployment = deploymentIn(values, surroundings);
    const commit = input.commit ?? (await ownVersion()).commit;
    if (commit === null) throw usage("There is no git history here. Name the commit with --commit HASH.");
    let before: string | null = null;
    await releaseCode(deployment, commit, (previous) => {
      before = previous;
      const outputs = surroundings.env.GITHUB_OUTPUT;
      if (outputs) appendFileSync(outputs, `previous=${previous ?? ""}\n`);
    });
    return { document: { commit, previous: before }, text: [] };
  },
});
