import { setTimeout as sleep } from "node:timers/promises";
import { callDeployHook, DeployError } from "./deploy.hook.ts";
import { serviceState } from "./service.health.ts";

/** A service at Render and how long it is waited for, in milliseconds. */
export type Deployment = {
  readonly service: URL;
  readonly hook: URL;
  readonly patience: {
    /** For one answer; a free service wakes up meanwhile. */
    readonly answerMs: number;
    /** For build and start together. */
    readonly releaseMs: number;
    readonly pollMs: number;
  };
  say(line: string): void;
};

/** Build and start take two to five minutes on the free plan, and it builds one commit at a time. */
export const PATIENCE = { answerMs: 90_000, releaseMs: 25 * 60_000, pollMs: 5_000 };

/**
 * Deploys a commit and waits until it serves. Before anything is changed, `before` is told which commit runs: the one
 * to go back to, `null` where there is none. Throws DeployError.
 */
export async function releaseCode(
  deployment: Deployment,
  commit: string,
  before: (previous: string | null) => void,
): Promise<void> {
  const state = await serviceState(deployment.service, deployment.patience.answerMs);
  const previous = state?.commit ?? null;
  if (previous === commit && state?.ready === true) {
    deployment.say(`${commit} runs already.`);
    return before(null);
  }
  before(previous);
  deployment.say(
    previous === null ? "What runs now does not say which commit it is." : `${previous} runs now.`,
  );
  await deployAndWait(deployment, commit);
}

/** Goes back to a commit that ran before, and waits until it serves. The schema stays as it is. Throws DeployError. */
export async function rollBackCode(deployment: Deployment, previous: string): Promise<void> {
  deployment.say(`Going back to ${previous}.`);
  await deployAndWait(deployment, previous);
}

async function deployAndWait({ service, hook, patience, say }: Deployment, commit: string): Promise<void> {
  await callDeployHook(hook, commit);
  say(`Render was asked for ${commit}; waiting until it serves.`);
  const until = Date.now() + patience.releaseMs;
  let last = "";
  for (;;) {
    const state = await serviceState(service, patience.answerMs);
    if (state?.commit === commit && state.ready) return say(`${commit} serves.`);
    const seen = describe(state);
    if (seen !== last) say(seen);
    last = seen;
    if (Date.now() > until) {
      const minutes = Math.round(patience.releaseMs / 60_000);
      throw new DeployError(
        `${commit} does not serve after ${minutes} minutes (${seen}): see the service's events and logs at Render. ` +
          "Render keeps the release before running when a build fails or /health/ready is not 200.",
      );
    }
    await sleep(patience.pollMs);
  }
}

function describe(state: Awaited<ReturnType<typeof serviceState>>): string {
  if (state === null) return "nobody answers";
  return `${state.commit ?? "a release without a commit"} answers, ${state.ready ? "ready" : "not ready"}`;
}
