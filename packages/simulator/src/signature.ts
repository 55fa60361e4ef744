import type { Instant } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";

const UTF8 = new TextEncoder();

/**
 * Returns the headers with which the provider sends a body to an account that has this secret and default settings.
 * `now` is the time of sending in milliseconds. Throws a RangeError for an empty secret.
 */
export function signDelivery(body: string, secret: string, now: Instant): Readonly<Record<string, string>> {
  return DEFAULT_PROVIDER.sign(UTF8.encode(body), { webhookSecrets: [secret], verification: null }, now);
}
