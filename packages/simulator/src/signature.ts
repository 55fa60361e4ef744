import type { Instant } from "@call-ledger/domain";
import { signVapi } from "@call-ledger/providers";

const UTF8 = new TextEncoder();

/**
 * The headers to send a body with: its type, and the signature of Vapi's HMAC credential.
 * `now` is the time of sending, milliseconds. Throws a RangeError for an empty secret.
 */
export function signDelivery(body: string, secret: string, now: Instant): Readonly<Record<string, string>> {
  return { "content-type": "application/json", ...signVapi(UTF8.encode(body), secret, now) };
}
