import { createHash } from "node:crypto";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { keyEvents } from "@call-ledger/domain";
import type { ReadCall, ReadDelivery } from "@call-ledger/providers";
import { sha256 } from "@call-ledger/providers";

type OfNothing = Extract<ReadDelivery, { readonly reads: "nothing" }>;

/** Returns the content of a delivery about a call, with the keys of its events. */
export function callContent(
  { providerCallId, facts, events, prompts, question }: ReadCall,
  provider: string,
  accountId: string,
): DeliveryToBook["content"] {
  const keyed = keyEvents({ provider, accountId, providerCallId }, facts, events, sha256);
  return { providerCallId, facts, events: keyed, prompts, wantsAgent: question?.asks === "agent" };
}

/** Returns the content with which a delivery is stored that cannot be booked. */
export function refusedContent(
  { reason, detail, waits }: OfNothing,
  body: Uint8Array,
): DeliveryToBook["content"] {
  // Hashes the received bytes: two deliveries that differ only in a removed part are different deliveries.
  const digest = createHash("sha256").update(body).digest("base64url");
  return { refusal: reason, waits, detail, contentKey: `${reason}:${digest}` };
}

/** Returns the provider's id of the delivery's call; `null` if the delivery is about no call. */
export function callOf({ content }: DeliveryToBook): string | null {
  return "providerCallId" in content ? content.providerCallId : null;
}

/** Returns the ids of a delivery's events. A delivery that cannot be booked has none. */
export function eventIdsOf({ content }: DeliveryToBook): string[] {
  return "events" in content ? content.events.map(({ eventId }) => eventId) : [];
}
