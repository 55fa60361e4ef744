import type { DeliveryToBook } from "@call-ledger/db/write";
import type { Instant } from "@call-ledger/domain";
import type { FetchedCall } from "@call-ledger/providers";
import { callContent } from "./delivery-content.ts";

/** A call that was fetched from a provider's API over an account, as a delivery of that account. */
export function fetchedDelivery(
  { read }: FetchedCall,
  { provider, accountId }: { readonly provider: string; readonly accountId: string },
  fetchedAt: Instant,
): DeliveryToBook {
  const { type, payload } = read;
  const content = callContent(read, provider, accountId);
  return { provider, accountId, receivedAt: fetchedAt, providerDeliveryId: null, type, payload, content };
}
