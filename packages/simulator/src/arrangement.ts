import { randomFrom } from "./random.ts";
import { redeliver } from "./redelivery.ts";
import type { SimulatedDelivery } from "./simulated-call.ts";

export type Arrangement = {
  readonly seed: string | number;
  /** In any order instead of the one in which it happened. */
  readonly shuffle: boolean;
  /** How many times each delivery comes, at least 1; all but the first are redeliveries. */
  readonly repeat: number;
};

/** The deliveries as an unreliable network brings them. Throws a RangeError when `repeat` is below 1. */
export function arrange(
  deliveries: readonly SimulatedDelivery[],
  { seed, shuffle, repeat }: Arrangement,
): readonly SimulatedDelivery[] {
  if (!Number.isInteger(repeat) || repeat < 1) throw new RangeError("every delivery comes at least once");
  const sent = deliveries.flatMap((delivery) =>
    Array.from({ length: repeat }, (_, attempt) => (attempt === 0 ? delivery : redeliver(delivery, attempt))),
  );
  return shuffle ? randomFrom("arrangement", seed).shuffled(sent) : sent;
}
