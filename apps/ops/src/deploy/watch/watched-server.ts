import { setTimeout as sleep } from "node:timers/promises";
import type { HealthAnswer } from "../server/ask-health.ts";
import { askHealth } from "../server/ask-health.ts";
import { SLOWEST_HEALTH_MS } from "../server/server.checks.ts";

export type Answers = {
  readonly now: HealthAnswer;
  /** The first that there was. */
  readonly first: HealthAnswer;
};

export type WatchedServer = {
  /** From now on a new answer is wanted. */
  askAnew(): void;
  /** The same answer for all who ask at one moment. Throws unreachable where nothing answers. */
  answers(): Promise<Answers>;
};

const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;

/** `token`: the server's METRICS_TOKEN, empty if it is not known here. */
export function watchedServer(server: URL, token: string): WatchedServer {
  let first: HealthAnswer | undefined;
  let asked: Promise<Answers> | undefined;
  const ask = async () => {
    const now = await steadyAnswer(server, token);
    first ??= now;
    return { now, first };
  };
  return {
    askAnew() {
      asked = undefined;
    },
    answers: () => {
      asked ??= ask();
      return asked;
    },
  };
}

/** Up to three tries a second apart: a single lost packet, or a handshake that took its time, is no outage. */
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
