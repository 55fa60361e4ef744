import { randomFrom } from "./random.ts";
import { redeliver } from "./simulate-call.ts";
import type { SimulatedDelivery } from "./simulated-call.ts";

export type Arrangement = {
  readonly seed: string | number;
  /** Whether the deliveries come in random order instead of the order of the events. */
  readonly shuffle: boolean;
  /** The number of times that each delivery comes, 1 or more. All but the first are redeliveries. */
  readonly repeat: number;
};

/**
 * Returns the deliveries in the order and number in which an unreliable network brings them. Throws a RangeError if
 * `repeat` is below 1.
 */
export function arrange(
  deliveries: readonly SimulatedDelivery[],
  { seed, shuffle, repeat }: Arrangement,
): readonly SimulatedDelivery[] {
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new RangeError("repeat must be a whole number, 1 or more");
  const sent = deliveries.flatMap((delivery) =>
    Array.from({ length: repeat }, (_, attempt) => (attempt === 0 ? delivery : redeliver(delivery, attempt))),
  );
  return shuffle ? randomFrom("arrangement", seed).shuffled(sent) : sent;
}
