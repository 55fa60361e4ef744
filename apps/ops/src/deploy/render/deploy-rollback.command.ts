import { command } from "../../cli/command.ts";
import { COMMIT_OPTION, deploymentIn } from "./deployment-input.ts";
import { rollBackCode } from "./release-code.ts";

export const deployRollbackCommand = command({
  about:
    "The pipeline's step after a release that failed: orders the commit that ran before through Render's deploy hook " +
    "(RENDER_DEPLOY_HOOK_URL) and waits until /health of the service names it and it is ready. The schema stays as it is; " +
    "rollback code says whether the older release may run on it.",
  options: { commit: { ...COMMIT_OPTION, about: "what to go back to", required: true } },
  values: "[URL]",
  examples: ["deploy rollback https://ledger.example.com --commit 3f9c2a71b0d4"],

  async run({ commit }, surroundings, values) {
    const deployment = deploymentIn(values, surroundings);
    await rollBackCode(deployment, commit);
    return { document: { commit }, text: [] };
  },
});
