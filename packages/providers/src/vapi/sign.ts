import type { Instant } from "@call-ledger/domain";
import { signatureOf } from "../common/hmac.ts";
import type { AccountSettings } from "../common/provider-adapter.ts";
import { vapiVerification } from "./credential.ts";
import { VAPI_HMAC_PLAN } from "./hmac.plan.ts";

const PLAN = {
  ...VAPI_HMAC_PLAN,
  signatureHeader: "x-vapi-signature",
  timestampHeader: "x-vapi-timestamp",
} as const;

/**
 * Returns the headers of Vapi's HMAC credential: hex HMAC-SHA256 over `{timestamp}.{body}`, the timestamp in seconds.
 * Throws a `RangeError` for an empty secret.
 */
export function signVapi(body: Uint8Array, secret: string, now: Instant): Readonly<Record<string, string>> {
  const headers = { [PLAN.timestampHeader]: String(Math.floor(now / 1000)) };
  const signature = signatureOf(PLAN, { method: "POST", url: "", headers, body }, secret);
  if (signature === null) throw new RangeError("a delivery cannot be signed with an empty secret");
  return { ...headers, [PLAN.signatureHeader]: signature };
}

/**
 * Returns the headers with which Vapi sends a body: the content type, and the proof that the account's settings
 * require. That is the signature, unless they require the secret itself. Throws like signVapi.
 */
export function vapiHeaders(
  body: Uint8Array,
  { webhookSecrets: [secret = ""], verification }: AccountSettings,
  now: Instant,
): Readonly<Record<string, string>> {
  const type = { "content-type": "application/json" };
  const mode = vapiVerification(verification)?.mode;
  if (mode === "secret") return { ...type, "x-vapi-secret": secret };
  if (mode === "bearer") return { ...type, authorization: `Bearer ${secret}` };
  return { ...type, ...signVapi(body, secret, now) };
}
