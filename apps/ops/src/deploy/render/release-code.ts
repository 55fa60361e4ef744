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
  const { answerMs } = deployment.timeouts;
  const state = await serviceState(deployment.service, answerMs);
  const previous = state?.commit ?? null;
  if (previous === commit && state?.ready === true) {
    deployment.say(`${commit} already runs.`);
    return before(null);
  }
  before(previous);
  deployment.say(
    state === null
      ? `The service does not answer within ${shownSpan(answerMs)}. The commit that runs is not known.`
      : previous === null
        ? "The running release does not report its commit."
        : `${previous} runs now.`,
  );
  await deployAndWait(deployment, commit);
}

/** For the answer at the end of the time. */
const LAST_ANSWER_MS = 1_000;

function shownSpan(ms: number): string {
  if (ms < 120_000) return `${Math.ceil(ms / 1_000)} s`;
  return `${Math.round(ms / 60_000)} minutes`;
}

/** Deploys the commit that ran before, and waits until it serves. The schema stays the same. Throws OpsError. */
export async function rollBackCode(deployment: Deployment, previous: string): Promise<void> {
  deployment.say(`Going back to ${previous}.`);
  await deployAndWait(deployment, previous);
}

async function deployAndWait(deployment: Deployment, commit: string): Promise<void> {
  const { service, hook, timeouts, say } = deployment;
  const { isTaken, found } = await callDeployHook(hook, commit);
  const bound = shownSpan(timeouts.releaseMs);
  say(
    isTaken === null
      ? `${found} Waiting until ${commit} serves, at most ${bound}.`
      : `Ordered ${commit} at Render; waiting until it serves, at most ${bound}.`,
  );
  const until = Date.now() + timeouts.releaseMs;
  let last = "";
  for (;;) {
    const left = Math.max(LAST_ANSWER_MS, until - Date.now());
    const state = await serviceState(service, Math.min(timeouts.answerMs, left));
    if (state?.commit === commit && state.ready) return say(`${commit} serves.`);
    const seen = describe(state);
    if (seen !== last) say(seen);
    last = seen;
    if (Date.now() > until) {
      throw failure(
        `${commit} does not serve after ${bound} (${seen}): check the service's events and logs at Render. ` +
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
async function serviceState(service: URL, answerMs: number): Promise<ServiceState | null> {
  try {
    const { health } = await askHealth(service, { timeoutMs: answerMs });
    if (health === null) return null;
    const commit = COMMIT.test(health.commit ?? "") ? health.commit : null;
    return { commit, ready: await askReady(service, answerMs) };
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return null;
  }
}

function describe(state: ServiceState | null): string {
  if (state === null) return "nobody answers";
  return `${state.commit ?? "a release without a commit"} answers, ${state.ready ? "ready" : "not ready"}`;
}
