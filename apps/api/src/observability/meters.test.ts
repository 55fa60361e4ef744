import type { WriteSeen } from "@call-ledger/ingest";
import { expect, test } from "vitest";
import type { DeliverySeen, Meters } from "./meters.ts";
import { metersToCome } from "./meters.ts";

const seen = (outcome: string): DeliverySeen => ({
  provider: "vapi",
  type: "hang",
  outcome,
  reason: undefined,
  seconds: 0.1,
});

function notebook() {
  const told: string[] = [];
  const meters: Meters = {
    delivered: ({ outcome }: DeliverySeen) => void told.push(outcome),
    wrote: ({ deliveries }: WriteSeen) => void told.push(`${deliveries}`),
    malformed: () => undefined,
    refused: () => undefined,
  };
  return { told, meters };
}

test("values from before the meters were loaded are passed on in order, once", () => {
  const coming = metersToCome(10);
  const { told, meters } = notebook();
  coming.meters.delivered(seen("applied"));
  coming.meters.wrote({ deliveries: 3, seconds: 1, failure: null });
  coming.arrived(meters);
  coming.meters.delivered(seen("duplicate"));
  expect(told).toEqual(["applied", "3", "duplicate"]);
});

test("at most maxKept values are kept", () => {
  const coming = metersToCome(1);
  const { told, meters } = notebook();
  coming.meters.delivered(seen("applied"));
  coming.meters.delivered(seen("observed"));
  coming.arrived(meters);
  expect(told).toEqual(["applied"]);
});
