import type { Scenario } from "./scenario.ts";
import type { ProviderCall, SimulatedDelivery, SimulationOptions } from "./simulated-call.ts";

/** The simulation of one provider. `simulate-call.ts` lists all of them. */
export type Simulation = {
  /** Returns a planned call as the provider sends it. */
  call(scenario: Scenario, options: SimulationOptions): ProviderCall;
  /** Returns a delivery as the provider sends it again. `attempt` counts from 1, which is the first redelivery. */
  redeliver(delivery: SimulatedDelivery, attempt: number): SimulatedDelivery;
  /** A type of delivery that a server verifies and does not store. */
  readonly chatterType: string;
};
