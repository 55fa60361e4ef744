export type { Arrangement } from "./arrangement.ts";
export { arrange } from "./arrangement.ts";
export type { Random } from "./random.ts";
export { randomFrom } from "./random.ts";
export { isPossible } from "./scenario.ts";
export { signDelivery } from "./signature.ts";
export { redeliver, simulateCall, simulateChatter } from "./simulate-call.ts";
export type {
  SimulatedCall,
  SimulatedDelivery,
  SimulatedDirection,
  SimulatedOutcome,
  SimulationOptions,
} from "./simulated-call.ts";
export { SIMULATED_DIRECTIONS, SIMULATED_OUTCOMES } from "./simulated-call.ts";
