import { signVapi } from "@call-ledger/providers/testing/vapi";
import { simulateCall } from "@call-ledger/simulator";

/** The results of the deliveries so far. */
export type Load = {
  /** Returns the number that were answered with 2xx. */
  readonly booked: () => number;
  /** The reason of each failure: its status, or that there was no answer. */
  readonly failures: readonly string[];
  /** The ids of the events that the ledger reported as booked. */
  readonly eventIds: ReadonlySet<string>;
  /** The calls that were begun. All their deliveries are sent before the load ends. */
  readonly calls: readonly string[];
  /** Begins no more calls, and resolves after the others have ended. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  readonly url: string;
  readonly secret: string;
  readonly assistantId: string;
  /** The number of calls at the same time. */
  readonly senders: number;
  readonly seed: string;
};

/** Sends as a provider that never pauses and never retries. */
export function startLoad({ url, secret, assistantId, senders, seed }: LoadOptions): Load {
  const failures: string[] = [];
  const eventIds = new Set<string>();
  const calls: string[] = [];
  let booked = 0;
  let stopped = false;

  const send = async (body: Uint8Array, type: string) => {
    const headers = { "content-type": "application/json", ...signVapi(body, secret, Date.now()) };
    try {
      const reply = await fetch(url, { method: "POST", headers, body: Buffer.from(body) });
      const answer = (await reply.json()) as { outcome?: string; eventIds?: string[] };
      if (reply.status !== 200) failures.push(`${type}: ${reply.status} ${answer.outcome ?? ""}`);
      else booked += 1;
      for (const id of answer.eventIds ?? []) eventIds.add(id);
    } catch (error) {
      failures.push(`${type}: no answer (${error instanceof Error ? error.message : "unknown"})`);
    }
  };

  const sender = async (number: number) => {
    for (let call = 0; !stopped; call += 1) {
      const { callId, deliveries } = simulateCall({
        seed: `${seed}-${number}-${call}`,
        assistantId,
        startedAt: Date.UTC(2026, 2, 12, 15) + call * 60_000,
        flat: call % 4 === 3,
        turns: 6,
        // Nothing is fetched, because the simulated recordings do not exist.
        recordingOrigin: "https://recordings.invalid",
      });
      calls.push(callId);
      for (const { body, type } of deliveries) await send(Buffer.from(body), type);
    }
  };
  const running = Array.from({ length: senders }, (_, number) => sender(number));

  return {
    booked: () => booked,
    failures,
    eventIds,
    calls,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
