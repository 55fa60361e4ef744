import type { Instant } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Spoken } from "./recording/spoken.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioOf } from "./scenario.ts";
import type { SimulatedCall, SimulatedDelivery, SimulationOptions, ToldCall } from "./simulated-call.ts";
import { vapiCall } from "./vapi/vapi.call.ts";

/** How each provider tells a call, by the provider's name. */
const TELLERS: ReadonlyMap<string, (scenario: Scenario, options: SimulationOptions) => ToldCall> = new Map([
  ["vapi", vapiCall],
]);

/**
 * A whole call as the provider tells it. No clock, no chance but the seed's: equal options make equal bytes.
 * Throws a RangeError for a direction that cannot have the outcome, for turns out of bounds, and for a provider whose
 * calls are not simulated.
 */
export function simulateCall(options: SimulationOptions): SimulatedCall {
  const { provider = DEFAULT_PROVIDER.provider } = options;
  const tell = TELLERS.get(provider);
  if (tell === undefined) throw new RangeError(`calls of ${provider} are not simulated`);
  const scenario = scenarioOf(options);
  const { direction, outcome, answeredAt, endedAt, callId, customerNumber } = scenario;
  const call = { callId, direction, outcome, answeredAt, endedAt, customerNumber };
  return { ...call, spoken: spokenIn(scenario), ...tell(scenario, options) };
}

function spokenIn({ turns, answeredAt }: Scenario): Spoken[] {
  const seconds = (at: Instant): number => (at - (answeredAt ?? at)) / 1_000;
  return turns.flatMap((turn) =>
    turn.kind === "speech"
      ? [{ speaker: turn.speaker, from: seconds(turn.at), to: seconds(turn.until) }]
      : [],
  );
}

/** The type of a delivery of each provider that a server verifies and keeps nothing of. */
const KEPT_BY_NOBODY: ReadonlyMap<string, string> = new Map([["vapi", "speech-update"]]);

/** A delivery that a server answers as any other, and keeps nothing of. Throws as `simulateCall`. */
export function simulateChatter(seed: number): SimulatedDelivery {
  const options = {
    seed,
    startedAt: seed,
    assistantId: "nobody",
    direction: "inbound",
    outcome: "completed",
    chatter: true,
  } as const;
  const type = KEPT_BY_NOBODY.get(DEFAULT_PROVIDER.provider);
  const found = simulateCall(options).deliveries.find((delivery) => delivery.type === type);
  if (found === undefined) throw new RangeError(`no chatter of ${DEFAULT_PROVIDER.provider} is simulated`);
  return found;
}
