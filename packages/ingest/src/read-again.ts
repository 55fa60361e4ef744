import type { DeliveryToBook } from "@call-ledger/db/write";
import { providerFor } from "@call-ledger/providers";
import { callContent } from "./delivery-content.ts";

/** The result of reading a stored payload again that could not be booked. */
export type ReadAgain =
  | { readonly reads: "delivery"; readonly delivery: DeliveryToBook }
  /** The payload is about nothing that is stored. */
  | { readonly reads: "chatter" }
  | { readonly reads: "nothing"; readonly reason: string };

/** Reads a stored payload with the current adapter, which may understand more than that of an older release. */
export function readAgain(
  stored: { readonly provider: string; readonly accountId: string; readonly receivedAt: Date },
  payload: string,
): ReadAgain {
  const { provider, accountId } = stored;
  const read = providerFor(provider)?.read(new TextEncoder().encode(payload));
  if (read === undefined) return { reads: "nothing", reason: "unknown_provider" };
  if (read.reads === "chatter") return read;
  if (read.reads === "nothing") return { reads: "nothing", reason: read.reason };
  return {
    reads: "delivery",
    delivery: {
      provider,
      accountId,
      receivedAt: stored.receivedAt.getTime(),
      providerDeliveryId: null,
      type: read.type,
      payload: read.payload,
      content: callContent({ ...read, question: null }, provider, accountId),
    },
  };
}
