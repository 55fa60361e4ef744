import { command } from "../../cli/command.ts";
import { gitIn } from "../preflight/git.ts";
import { COMMIT_OPTION, deploymentIn } from "./deployment-input.ts";
import { rollBackCode } from "./release-code.ts";
import { releasedCommit } from "./released-commit.ts";

export const deployRollbackCommand = command({
  about:
    "The pipeline's step after a failed release. Orders the commit that ran before through Render's deploy hook " +
    "(RENDER_DEPLOY_HOOK_URL), and waits until it serves. The schema stays; rollback code tells whether the older " +
    "release can run on it. The commit has to be in the history of the checked-out commit.",
  options: { commit: { ...COMMIT_OPTION, about: "the commit to go back to", required: true } },
  values: "[URL]",
  examples: ["deploy rollback https://ledger.example.com --commit 3f9c2a71b0d4"],

  async run({ commit }, surroundings, values) {
    const deployment = deploymentIn(values, surroundings);
    const released = await releasedCommit(gitIn(process.cwd()), commit);
    await rollBackCode(deployment, released);
    return { document: { commit: released }, text: [] };
  },
});
