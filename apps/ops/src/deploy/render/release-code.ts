import { setTimeout as sleep } from "node:timers/promises";
import { failure, OpsError } from "../../cli/command.ts";
import { askHealth, askReady } from "../server/ask-health.ts";
import { callDeployHook } from "./deploy-hook.ts";

/** A service at Render. */
export type Deployment = {
  readonly service: URL;
  readonly hook: URL;
  readonly timeouts: ReleaseTimeouts;
  say(line: string): void;
};

/** In milliseconds. */
type ReleaseTimeouts = {
  /** For one answer; a free service wakes up meanwhile. */
  readonly answerMs: number;
  /** For build and start together. */
  readonly releaseMs: number;
  readonly pollMs: number;
};

/** Build and start take two to five minutes on the free plan, and it builds one commit at a time. */
export const RELEASE_TIMEOUTS: ReleaseTimeouts = {
  answerMs: 90_000,
  releaseMs: 25 * 60_000,
  pollMs: 5_000,
};

/**
 * Deploys a commit and waits until it serves. Before anything is changed, `before` is told which commit runs: the one
 * to go back to, `null` where there is none. Throws OpsError.
 */
export async function releaseCode(
  deployment: Deployment,
  commit: string,
  before: (previous: string | null) => void,
): Promise<void> {
  const state = await serviceState(deployment);
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

/** Goes back to a commit that ran before, and waits until it serves. The schema stays as it is. Throws OpsError. */
export async function rollBackCode(deployment: Deployment, previous: string): Promise<void> {
  deployment.say(`Going back to ${previous}.`);
  await deployAndWait(deployment, previous);
}

async function deployAndWait(deployment: Deployment, commit: string): Promise<void> {
  const { hook, timeouts, say } = deployment;
  await callDeployHook(hook, commit);
  say(`Render was asked for ${commit}; waiting until it serves.`);
  const until = Date.now() + timeouts.releaseMs;
  let last = "";
  for (;;) {
    const state = await serviceState(deployment);
    if (state?.commit === commit && state.ready) return say(`${commit} serves.`);
    const seen = describe(state);
    if (seen !== last) say(seen);
    last = seen;
    if (Date.now() > until) {
      const minutes = Math.round(timeouts.releaseMs / 60_000);
      throw failure(
        `${commit} does not serve after ${minutes} minutes (${seen}): see the service's events and logs at Render. ` +
          "Render keeps the release before running when a build fails or /health/ready is not 200.",
      );
    }
    await sleep(timeouts.pollMs);
  }
}

/** What follows is written to the pipeline's outputs, so anything else that a service says is no commit. */
const COMMIT = /^[0-9a-f]{40}$/;

/** `commit` is `null` where the release is too old to say, or says something else than a hash. */
type ServiceState = { readonly commit: string | null; readonly ready: boolean };

/** `null`: nobody answers, or something else than call-ledger does, such as Render's page while a service wakes up. */
async function serviceState({ service, timeouts }: Deployment): Promise<ServiceState | null> {
  try {
    const { health } = await askHealth(service, { timeoutMs: timeouts.answerMs });
    if (health === null) return null;
    const commit = COMMIT.test(health.commit ?? "") ? health.commit : null;
    return { commit, ready: await askReady(service, timeouts.answerMs) };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return null;
  }
}

function describe(state: ServiceState | null): string {
  if (state === null) return "nobody answers";
  return `${state.commit ?? "a release without a commit"} answers, ${state.ready ? "ready" : "not ready"}`;
}
