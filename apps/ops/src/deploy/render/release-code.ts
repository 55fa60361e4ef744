import type { Surroundings } from "../../cli/command.ts";
import type { ReleaseTimeouts } from "../new-version.ts";
import { askRelease, isSameCommit, shownSpan, untilServes } from "../new-version.ts";
import { callDeployHook } from "./deploy-hook.ts";

/** A service at Render. */
export type Deployment = {
  readonly service: URL;
  readonly hook: URL;
  readonly timeouts: ReleaseTimeouts;
} & Pick<Surroundings, "progress" | "standsAt">;

/**
 * A free service wakes up within 90 seconds. Build and start take two to five minutes on the free plan, which builds
 * one commit at a time.
 */
export const RELEASE_TIMEOUTS: ReleaseTimeouts = {
  answerMs: 90_000,
  releaseMs: 25 * 60_000,
  pollMs: 1_000,
};

/**
 * Deploys a commit and waits until it serves. Before any change it passes the running commit, to which a rollback goes,
 * to `before`; `null` if it is not known. Throws OpsError.
 */
export async function releaseCode(
  deployment: Deployment,
  commit: string,
  before: (previous: string | null) => void,
): Promise<void> {
  const { service, timeouts, progress } = deployment;
  const running = await askRelease(service, timeouts.answerMs);
  if (isSameCommit(running.commit, commit) && running.isReady) {
    progress(`${commit} already runs.`);
    return before(null);
  }
  before(running.commit);
  progress(running.text);
  if (running.commit === null) progress("The commit that runs is not known.");
  await deployAndWait(deployment, commit);
}

/** Deploys the commit that ran before, and waits until it serves. The schema stays the same. Throws OpsError. */
export async function rollBackCode(deployment: Deployment, previous: string): Promise<void> {
  deployment.progress(`Going back to ${previous}.`);
  await deployAndWait(deployment, previous);
}

async function deployAndWait(deployment: Deployment, commit: string): Promise<void> {
  const { service, hook, timeouts, progress, standsAt } = deployment;
  const stands = (order: string) =>
    standsAt({ changed: false, message: `${order} Next: the same command again.` });
  stands(`It is not known whether ${commit} was ordered.`);
  const { isTaken, found } = await callDeployHook(hook, commit).finally(() => standsAt(null));
  const order = isTaken === null ? found : `Render has the order for ${commit}.`;
  stands(order);
  progress(`${order} Waiting until it serves, at most ${shownSpan(timeouts.releaseMs)}.`);
  const version = { version: null, commit };
  const serves = await untilServes(service, { version, calledAt: null, timeouts, now: Date.now, progress });
  progress(`${serves}.`);
}
