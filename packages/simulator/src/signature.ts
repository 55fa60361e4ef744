import type { Instant } from "@call-ledger/domain";
import { signVapi } from "@call-ledger/providers";

const UTF8 = new TextEncoder();

/** How a server may be set to be convinced; `any` takes a signature too. */
export type ProofMode = "any" | "hmac" | "secret" | "bearer";

/**
 * The headers to send a body with: its type, and the proof of the secret; by default the signature of Vapi's HMAC
 * credential. `now` is the time of sending, milliseconds. Throws a RangeError for an empty secret.
 */
export function signDelivery(
  body: string,
  secret: string,
  now: Instant,
  mode: ProofMode = "any",
): Readonly<Record<string, string>> {
  return { "content-type": "application/json", ...proofOf(body, secret, now, mode) };
}

function proofOf(
  body: string,
  secret: string,
  now: Instant,
  mode: ProofMode,
): Readonly<Record<string, string>> {
  if (mode === "secret") return { "x-vapi-secret": secret };
  if (mode === "bearer") return { authorization: `Bearer ${secret}` };
  return signVapi(UTF8.encode(body), secret, now);
}
