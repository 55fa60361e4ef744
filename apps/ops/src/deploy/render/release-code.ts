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
  /** For one answer. A free service wakes up within this time. */
  readonly answerMs: number;
  /** For build and start together. */
  readonly releaseMs: number;
  readonly pollMs: number;
};

/** Build and start take two to five minutes on the free plan, which builds one commit at a time. */
export const RELEASE_TIMEOUTS: ReleaseTimeouts = {
  answerMs: 90_000,
  releaseMs: 25 * 60_000,
  pollMs: 5_000,
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
  const state = await serviceState(deployment);
  const previous = state?.commit ?? null;
  if (previous === commit && state?.ready === true) {
    deployment.say(`${commit} already runs.`);
    return before(null);
  }
  before(previous);
  deployment.say(
    previous === null ? "The running release does not report its commit." : `${previous} runs now.`,
  );
  await deployAndWait(deployment, commit);
}

/** Deploys the commit that ran before, and waits until it serves. The schema stays the same. Throws OpsError. */
export async function rollBackCode(deployment: Deployment, previous: string): Promise<void> {
  deployment.say(`Going back to ${previous}.`);
  await deployAndWait(deployment, previous);
}

async function deployAndWait(deployment: Deployment, commit: string): Promise<void> {
  const { hook, timeouts, say } = deployment;
  const { isTaken, found } = await callDeployHook(hook, commit);
  say(isTaken === null ? found : `Ordered ${commit} at Render; waiting until it serves.`);
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
        `${commit} does not serve after ${minutes} minutes (${seen}): check the service's events and logs at Render. ` +
          "Render keeps the previous release running if a build fails or /health/ready is not 200.",
      );
    }
    await sleep(timeouts.pollMs);
  }
}

/** The commit is written to the pipeline's outputs, so any other text from a service is not accepted as a commit. */
const COMMIT = /^[0-9a-f]{40}$/;

/** `commit` is `null` if the release is too old to report it, or reports something else than a hash. */
type ServiceState = { readonly commit: string | null; readonly ready: boolean };

/**
 * Returns `null` if there is no answer, or one that is not call-ledger's, such as Render's page while a service wakes
 * up.
 */
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
