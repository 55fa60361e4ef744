import type { Instant } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Spoken } from "./recording/spoken.ts";
import { spokenPath } from "./recording/spoken.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioOf } from "./scenario.ts";
import type { SimulatedCall, SimulatedDelivery, SimulationOptions } from "./simulated-call.ts";
import type { Simulation } from "./simulation.ts";
import { vapiSimulation } from "./vapi/vapi.simulation.ts";

/** The simulation of each provider, by the provider's name. */
const SIMULATIONS: ReadonlyMap<string, Simulation> = new Map([["vapi", vapiSimulation]]);

function simulationOf(provider = DEFAULT_PROVIDER.provider): Simulation {
  const simulation = SIMULATIONS.get(provider);
  if (simulation === undefined) throw new RangeError(`there is no simulation of calls of ${provider}`);
  return simulation;
}

/**
 * Returns a whole call as the provider sends it. Equal options make equal bytes, because no clock is read and all
 * random values come from the seed. Throws a RangeError for an impossible outcome of a direction, for turns out of
 * bounds, and for a provider without a simulation.
 */
export function simulateCall(options: SimulationOptions): SimulatedCall {
  const { provider, recordingHost } = options;
  const simulation = simulationOf(provider);
  const scenario = scenarioOf(options);
  const { direction, outcome, answeredAt, endedAt, callId, customerNumber } = scenario;
  const spoken = spokenIn(scenario);
  const recordingOrigin =
    recordingHost === undefined ? options.recordingOrigin : `https://${recordingHost}/${spokenPath(spoken)}`;
  const call = { callId, direction, outcome, answeredAt, endedAt, customerNumber, spoken };
  return { ...call, ...simulation.call(scenario, { ...options, recordingOrigin }) };
}

function spokenIn({ turns, answeredAt }: Scenario): Spoken[] {
  const seconds = (at: Instant): number => (at - (answeredAt ?? at)) / 1_000;
  return turns.flatMap((turn) =>
    turn.kind === "speech"
      ? [{ speaker: turn.speaker, from: seconds(turn.at), to: seconds(turn.until) }]
      : [],
  );
}

/**
 * Returns a delivery as the default provider sends it again. `attempt` counts from 1, which is the first redelivery.
 */
export function redeliver(delivery: SimulatedDelivery, attempt = 1): SimulatedDelivery {
  return simulationOf().redeliver(delivery, attempt);
}

/** Returns a delivery that a server answers like any other and does not store. */
export function simulateChatter(seed: number): SimulatedDelivery {
  const { deliveries } = simulateCall({
    seed,
    startedAt: seed,
    assistantId: "nobody",
    direction: "inbound",
    outcome: "completed",
    chatter: true,
  });
  const { chatterType } = simulationOf();
  const found = deliveries.find(({ type }) => type === chatterType);
  if (found === undefined) throw new Error(`a simulated call has no ${chatterType}`);
  return found;
}
