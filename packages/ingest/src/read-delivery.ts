import type { DeliveryToBook } from "@call-ledger/db/write";
import type { Instant } from "@call-ledger/domain";
import type { ProviderAdapter, Question } from "@call-ledger/providers";
import { callContent, refusedContent } from "./delivery-content.ts";

/** A delivery whose body is verified but not read yet. */
export type VerifiedDelivery = {
  readonly provider: string;
  readonly accountId: string;
  readonly receivedAt: Instant;
  readonly providerDeliveryId: string | null;
  readonly body: Uint8Array;
};

/** The content of a body. `delivery` is `null` if it is not stored. */
export type DeliveryRead = {
  /** The provider's name for the kind of delivery. */
  readonly type: string;
  readonly question: Question | null;
  readonly delivery: DeliveryToBook | null;
  /** Why the body could not be read; `null`: it was. */
  readonly unread: string | null;
};

/** Reads a verified body. Never throws, for any body. */
export function readDelivery(adapter: ProviderAdapter, verified: VerifiedDelivery): DeliveryRead {
  const { provider, accountId, receivedAt, providerDeliveryId, body } = verified;
  const read = adapter.read(body);
  const { type } = read;
  if (read.reads === "chatter") return { type, question: null, delivery: null, unread: null };
  const content = read.reads === "call" ? callContent(read, provider, accountId) : refusedContent(read, body);
  const { question, payload } = read;
  return {
    type,
    question,
    delivery: { provider, accountId, receivedAt, providerDeliveryId, type, payload, content },
    unread: read.reads === "nothing" ? read.reason : null,
  };
}
