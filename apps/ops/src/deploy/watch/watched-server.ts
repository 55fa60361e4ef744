import { setTimeout as sleep } from "node:timers/promises";
import type { HealthStatus } from "@call-ledger/contract/health";
import type { HealthAnswer } from "../server/ask-health.ts";
import { askHealth } from "../server/ask-health.ts";
import { SLOWEST_HEALTH_MS } from "../server/server.checks.ts";

export type Answers = {
  readonly now: HealthAnswer;
  /** The first answer. */
  readonly first: HealthAnswer;
  /** The state with which queue and quarantine are compared; `null`: not known. */
  readonly start: HealthStatus | null;
};

const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;

/**
 * Watches a server. `token` is its METRICS_TOKEN, empty if it is not known here. `before` is its health before the
 * deployment; without the figures of its queue, or `null`, the start is the first answer.
 */
export function watchedServer(server: URL, token: string, before: HealthStatus | null) {
  let first: HealthAnswer | undefined;
  let latest: Promise<Answers> | undefined;
  const ask = async () => {
    const now = await steadyAnswer(server, token);
    first ??= now;
    const hasFigures = before !== null && before.queue !== null;
    return { now, first, start: hasFigures ? before : first.health };
  };
  return {
    /** Makes the next call of `answers` ask again. */
    forget() {
      latest = undefined;
    },
    /** Returns the same answer to all callers of one moment. Throws unreachable if there is no answer. */
    answers: () => {
      latest ??= ask();
      return latest;
    },
  };
}

/** Tries up to three times, a second apart, because a lost packet or a slow handshake is no outage. */
async function steadyAnswer(server: URL, token: string): Promise<HealthAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await askHealth(server, { token });
      if ((answer.httpStatus === 200 && answer.ms < SLOWEST_HEALTH_MS) || attempt === TRIES) return answer;
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
    await sleep(BETWEEN_TRIES_MS);
  }
}
