import { createHash } from "node:crypto";
import type { Channel } from "@call-ledger/domain";
import { CHANNELS, withPrompts } from "@call-ledger/domain";
import type { DbError } from "../client/pg-error.ts";
import { itemText, promptsIn } from "./delivery-document.ts";
import type { DeliveryToBook } from "./delivery-to-book.ts";
import { eventItems } from "./event-items.ts";
import type { PayloadReference } from "./payload-codec.ts";
import { packPayload, referenceKey, referenceOf, unpackPayload } from "./payload-codec.ts";
import type { PayloadReferences } from "./payload-references.ts";

/**
 * A delivery in the form in which it is sent to the database: texts and bytes only. Waiting objects would be copied by
 * the garbage collector again and again, so none of them is kept. Deliveries are prepared while another write is
 * running.
 */
export type PreparedDelivery = {
  readonly origin: Omit<DeliveryToBook, "payload" | "content">;
  /** Whether the delivery names a call and its events. Otherwise it goes to quarantine in any case. */
  readonly isBookable: boolean;
  /** The identity of its call in this process; `null`: it names none. */
  readonly call: string | null;
  /** Items as `itemText` returns them. */
  readonly items: readonly string[];
  /** The payload as it is stored. */
  readonly packed: Buffer;
  readonly packedWith: PayloadReference | undefined;
  /** The payload with which later ones of its call can be packed after this one's commit; `null`: none. */
  readonly referable: { readonly call: string; readonly reference: PayloadReference } | null;
  /** The bytes that are kept of it and sent to the database. */
  readonly bytes: number;
};

export type PreparationOptions = {
  /** The channels whose recordings are queued if a call has them. Default: all. */
  readonly channels?: readonly Channel[] | undefined;
  /** The payloads that this process remembers as stored. Without them each payload is packed on its own. */
  readonly references?: PayloadReferences | undefined;
};

const ENCODER = new TextEncoder();

/** Packs a delivery, without the database, and keeps no object of it. */
export function prepareDelivery(
  delivery: DeliveryToBook,
  { channels = CHANNELS, references }: PreparationOptions = {},
): PreparedDelivery {
  const { provider, accountId, receivedAt, providerDeliveryId, type, payload } = delivery;
  // In memory of its own, because a small Buffer is a part of 64 KB, and a reference to it would keep all of them.
  const text = ENCODER.encode(payload);
  const call = callOf(delivery);
  const packedWith = call === null ? undefined : references?.find(call, text.length);
  const packed = packPayload(text, packedWith);
  const items = eventItems(delivery, channels).map(itemText);
  return {
    origin: { provider, accountId, receivedAt, providerDeliveryId, type },
    isBookable: "events" in delivery.content,
    call,
    items,
    packed,
    packedWith,
    referable: referableAs(delivery, call, packed, text),
    bytes: items.reduce((sum, item) => sum + Buffer.byteLength(item), packed.length),
  };
}

/**
 * Reduces a delivery to the parts that every database accepts: its payload with its prompts, and why it was refused.
 */
export function asRefused(
  { origin, packed, packedWith, items }: PreparedDelivery,
  error: DbError,
): PreparedDelivery {
  const stored = unpackPayload(packed, packedWith && Buffer.from(packedWith.text).toString());
  // No prompts are stored for a refused delivery, so its payload keeps its own.
  const payload = withPrompts(stored, items.flatMap(promptsIn));
  const contentKey = `refused:${createHash("sha256").update(payload).digest("base64url")}`;
  return prepareDelivery({
    ...origin,
    payload,
    content: { refusal: "refused", waits: true, detail: error.message, contentKey },
  });
}

/** Returns the identity of a call in this process; `null` if the delivery names none. */
function callOf({ accountId, content }: DeliveryToBook): string | null {
  return "events" in content ? `${accountId} ${content.providerCallId}` : null;
}

/** Only a payload that is packed on its own can be a reference. */
function referableAs(
  { content }: DeliveryToBook,
  call: string | null,
  packed: Buffer,
  text: Uint8Array,
): PreparedDelivery["referable"] {
  const [first] = "events" in content ? content.events : [];
  if (call === null || first === undefined || referenceOf(packed) !== null) return null;
  return { call, reference: { key: referenceKey(first.eventId), text } };
}
