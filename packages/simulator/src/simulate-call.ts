import type { Instant } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Spoken } from "./recording/spoken.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioOf } from "./scenario.ts";
import type { SimulatedCall, SimulatedDelivery, SimulationOptions, ToldCall } from "./simulated-call.ts";
import { vapiCall } from "./vapi/vapi.call.ts";

/** The simulation of each provider, by the provider's name. */
const TELLERS: ReadonlyMap<string, (scenario: Scenario, options: SimulationOptions) => ToldCall> = new Map([
  ["vapi", vapiCall],
]);

/**
 * Returns a whole call as the provider sends it. Equal options make equal bytes, because no clock is read and all
 * random values come from the seed. Throws a RangeError for an impossible outcome of a direction, for turns out of
 * bounds, and for a provider without a simulation.
 */
export function simulateCall(options: SimulationOptions): SimulatedCall {
  const { provider = DEFAULT_PROVIDER.provider } = options;
  const tell = TELLERS.get(provider);
  if (tell === undefined) throw new RangeError(`there is no simulation of calls of ${provider}`);
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

/** By provider, a type of delivery that a server verifies and does not store. */
const KEPT_BY_NOBODY: ReadonlyMap<string, string> = new Map([["vapi", "speech-update"]]);

/** Returns a delivery that a server answers like any other and does not store. Throws like `simulateCall`. */
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
  if (found === undefined)
    throw new RangeError(`there is no simulation of chatter of ${DEFAULT_PROVIDER.provider}`);
  return found;
}
