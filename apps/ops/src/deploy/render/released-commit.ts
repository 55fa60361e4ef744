import { failure } from "../../cli/command.ts";
import type { Git } from "../preflight/git.ts";

/**
 * The whole hash of a commit that is in the history of the one that is checked out: what a service says of itself could
 * be any commit, one of a fork too. Throws OpsError where it is not.
 */
export async function releasedCommit(git: Git, commit: string): Promise<string> {
  const whole = await git.ask("rev-parse", "--verify", "--quiet", `${commit}^{commit}`);
  const isReleased = whole !== null && (await git.ask("merge-base", "--is-ancestor", whole, "HEAD")) !== null;
  if (!isReleased) {
    throw failure(
      `${commit} is not in the history of the commit that is checked out, so nothing was changed. Run this in a checkout ` +
        "of main with its whole history (git fetch --unshallow), and take a commit that git log lists.",
    );
  }
  return whole;
}
