import { createHash } from "node:crypto";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { keyEvents } from "@call-ledger/domain";
import type { ReadCall, ReadDelivery } from "@call-ledger/providers";
import { sha256 } from "@call-ledger/providers";

type OfNothing = Extract<ReadDelivery, { readonly reads: "nothing" }>;

/** What a delivery about a call says, with the keys of its events. */
export function callContent(
  { providerCallId, facts, events, prompts, question }: ReadCall,
  provider: string,
  accountId: string,
): DeliveryToBook["content"] {
  const keyed = keyEvents({ provider, accountId, providerCallId }, facts, events, sha256);
  return { providerCallId, facts, events: keyed, prompts, wantsAgent: question?.asks === "agent" };
}

/** What a delivery that cannot be booked is stored as. */
export function refusedContent(
  { reason, detail, waits }: OfNothing,
  body: Uint8Array,
): DeliveryToBook["content"] {
  // The bytes as they came: two that differ only in what was removed are two deliveries.
  const digest = createHash("sha256").update(body).digest("base64url");
  return { refusal: reason, waits, detail, contentKey: `${reason}:${digest}` };
}

/** The provider's id of the call that a delivery is about; `null`: none. */
export function callOf({ content }: DeliveryToBook): string | null {
  return "providerCallId" in content ? content.providerCallId : null;
}

/** The ids of a delivery's events, none when it cannot be booked. */
export function eventIdsOf({ content }: DeliveryToBook): string[] {
  return "events" in content ? content.events.map(({ eventId }) => eventId) : [];
}
