import { NO_FACTS } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { DbError } from "../client/pg-error.ts";
import type { DeliveryToBook } from "./delivery-to-book.ts";
import { unpackPayload } from "./payload-codec.ts";
import { payloadReferences } from "./payload-references.ts";
import { asRefused, prepareDelivery } from "./prepared-delivery.ts";

const ORIGIN = {
  provider: "vapi",
  accountId: "00000000-0000-4000-8000-000000000001",
  receivedAt: Date.UTC(2026, 2, 12, 15),
  providerDeliveryId: null,
  type: "status-update",
} as const;

function delivery(payload: string): DeliveryToBook {
  const event = { kind: "call.progressed", phase: "ringing", type: "status-update", occurredAt: 0 } as const;
  const events = [{ eventId: `status-update:${payload.length}`.padEnd(40, "x"), reportVersion: null, event }];
  return {
    ...ORIGIN,
    payload,
    content: { providerCallId: "call", facts: NO_FACTS, events, wantsAgent: false },
  };
}

test("a remembered payload keeps only its own memory", () => {
  const { referable } = prepareDelivery(delivery("a small payload"));
  expect(referable?.reference.text.buffer.byteLength).toBe("a small payload".length);
});

test("a refused delivery that was packed with another payload gets its own text back", () => {
  const references = payloadReferences(1_000);
  const payload = JSON.stringify({ said: "the same words as before, “quoted”" });
  const { referable } = prepareDelivery(delivery(payload));
  if (referable !== null) references.remember(referable.call, referable.reference);
  const again = prepareDelivery(delivery(`${payload} `), { references });
  expect(again.packedWith).toBeDefined();

  const refused = asRefused(again, new DbError("refused", "22P05", null));
  expect(unpackPayload(refused.packed)).toBe(`${payload} `);
  expect([again.isBookable, refused.isBookable]).toEqual([true, false]);
  expect(refused.items.map((item) => JSON.parse(`{${item}`))).toEqual([
    expect.objectContaining({
      refusal: "refused",
      event_type: "status-update",
      account_id: ORIGIN.accountId,
    }),
  ]);
});
