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
 * A delivery as it travels to the database: texts and bytes, none of the objects that it was read into. Deliveries wait
 * for a commit, and objects that wait are copied and kept by the collector; this is also done while another write is under way.
 */
export type PreparedDelivery = {
  readonly origin: Omit<DeliveryToBook, "payload" | "content">;
  /** It names a call and what happened in it; else it goes to quarantine whatever happens. */
  readonly isBookable: boolean;
  /** What tells its call from every other, in this process; `null`: it names none. */
  readonly call: string | null;
  /** As `itemText` gives them. */
  readonly items: readonly string[];
  /** As it is stored. */
  readonly packed: Buffer;
  readonly packedWith: PayloadReference | undefined;
  /** What later payloads of its call can be packed with once this one is committed; `null`: nothing. */
  readonly referable: { readonly call: string; readonly reference: PayloadReference } | null;
  /** What is held of it, and travels to the database. */
  readonly bytes: number;
};

export type PreparationOptions = {
  /** Of which channels recordings are queued, where a call has them; all by default. */
  readonly channels?: readonly Channel[] | undefined;
  /** What this process remembers of stored payloads; without it each is packed by itself. */
  readonly references?: PayloadReferences | undefined;
};

const ENCODER = new TextEncoder();

/** Packs a delivery. It needs no database and keeps no object of the delivery. */
export function prepareDelivery(
  delivery: DeliveryToBook,
  { channels = CHANNELS, references }: PreparationOptions = {},
): PreparedDelivery {
  const { provider, accountId, receivedAt, providerDeliveryId, type, payload } = delivery;
  // Memory of its own: a small Buffer is a part of 64 KB, and what is referred to would keep all of them.
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

/** The delivery reduced to what every database takes: its payload with its prompts, and why it was refused. */
export function asRefused(
  { origin, packed, packedWith, items }: PreparedDelivery,
  error: DbError,
): PreparedDelivery {
  const stored = unpackPayload(packed, packedWith && Buffer.from(packedWith.text).toString());
  // Nobody's prompts are stored for it, so it keeps its own.
  const payload = withPrompts(stored, items.flatMap(promptsIn));
  const contentKey = `refused:${createHash("sha256").update(payload).digest("base64url")}`;
  return prepareDelivery({
    ...origin,
    payload,
    content: { refusal: "refused", waits: true, detail: error.message, contentKey },
  });
}

/** What tells a call from every other, in this process; `null` where the delivery names none. */
function callOf({ accountId, content }: DeliveryToBook): string | null {
  return "events" in content ? `${accountId} ${content.providerCallId}` : null;
}

/** Only what can be read by itself is referred to. */
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
