import type { DeliveryToBook } from "@call-ledger/db/write";
import type { Instant } from "@call-ledger/domain";
import type { FetchedCall } from "@call-ledger/providers";
import { callContent } from "./delivery-content.ts";

/** Returns a call that was fetched from a provider's API as a delivery of the account. */
export function fetchedDelivery(
  { read }: FetchedCall,
  { provider, accountId }: { readonly provider: string; readonly accountId: string },
  fetchedAt: Instant,
): DeliveryToBook {
  const { type, payload } = read;
  const content = callContent(read, provider, accountId);
  return { provider, accountId, receivedAt: fetchedAt, providerDeliveryId: null, type, payload, content };
}
