import { failure } from "../../cli/command.ts";
import type { Git } from "../preflight/git.ts";

/**
 * Returns the whole hash of a commit in the history of the one that is checked out. The commit that a service reports
 * could be any, even one of a fork. Throws OpsError if the history does not contain it.
 */
export async function releasedCommit(git: Git, commit: string): Promise<string> {
  const whole = await git.ask("rev-parse", "--verify", "--quiet", `${commit}^{commit}`);
  const isReleased = whole !== null && (await git.ask("merge-base", "--is-ancestor", whole, "HEAD")) !== null;
  if (!isReleased) {
    throw failure(
      `${commit} is not in the history of the checked-out commit, so nothing was changed. Run this in a checkout ` +
        "of main with its whole history (git fetch --unshallow), and use a commit that git log lists.",
    );
  }
  return whole;
}
