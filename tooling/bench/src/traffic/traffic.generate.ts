import type { SimulatedCall, SimulatedDelivery } from "@call-ledger/simulator";
import { randomFrom, redeliver, simulateCall } from "@call-ledger/simulator";

/** The agents of the calls, spread over several organizations. */
export const ASSISTANTS: readonly string[] = Array.from(
  { length: 40 },
  (_, index) => `be7c4000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);

const FIRST_CALL_AT = Date.UTC(2026, 2, 2, 8);
const BETWEEN_CALLS_MS = 900;
/** The number of calls under way at the same time, so that successive deliveries are of different calls. */
const AT_THE_SAME_TIME = 150;
const [MIN_DELIVERIES, MAX_DELIVERIES] = [3, 8];
const [SMALLEST_REPORT, LARGEST_REPORT] = [5_000, 60_000];
const DUPLICATE_SHARE = 0.05;

/** The deliveries of an assistant that does not subscribe to live transcripts. */
const SUBSCRIBED = new Set(["status-update", "assistant.started", "transfer-update", "end-of-call-report"]);

/**
 * Yields `count` bodies of realistic calls in the order in which they are sent. A call has three to eight deliveries,
 * many calls run at a time, and one delivery in twenty is sent twice. Equal arguments give equal bodies.
 */
export function* generateTraffic(seed: string, count: number): Generator<string, void> {
  const random = randomFrom("traffic", seed);
  const running: SimulatedDelivery[][] = [];
  let place = 0;
  let sent = 0;
  while (sent < count) {
    while (running.length < AT_THE_SAME_TIME) running.push(nextCall(() => callAt(seed, place++)));
    const at = random.int(0, running.length - 1);
    const next = running[at]?.shift();
    if (next === undefined) running.splice(at, 1);
    else {
      sent += 1;
      yield next.body;
      // The delivery is sent again while the call goes on, as after a lost answer.
      if (random.chance(DUPLICATE_SHARE / (1 - DUPLICATE_SHARE))) running[at]?.unshift(redeliver(next));
    }
  }
}

function callAt(seed: string, place: number): SimulatedCall {
  const assistantId = ASSISTANTS[place % ASSISTANTS.length] ?? "";
  const startedAt = FIRST_CALL_AT + place * BETWEEN_CALLS_MS;
  return simulateCall({ seed: `${seed} ${place}`, assistantId, startedAt });
}

function nextCall(simulate: () => SimulatedCall): SimulatedDelivery[] {
  for (;;) {
    const { deliveries } = simulate();
    const report = deliveries.find(({ type }) => type === "end-of-call-report")?.body.length ?? 0;
    const sent = deliveries.filter(({ type }) => SUBSCRIBED.has(type));
    const tools = deliveries
      .filter(({ type }) => type === "tool-calls")
      .slice(0, MAX_DELIVERIES - sent.length);
    const total = sent.length + tools.length;
    if (
      total >= MIN_DELIVERIES &&
      total <= MAX_DELIVERIES &&
      report >= SMALLEST_REPORT &&
      report <= LARGEST_REPORT
    ) {
      return [...sent, ...tools].sort((a, b) => a.atMs - b.atMs);
    }
  }
}
