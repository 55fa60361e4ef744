import type { Hmac } from "node:crypto";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Instant } from "@call-ledger/domain";
import type { HmacPlan, RequestHead, SignedRequest } from "./provider-adapter.ts";
import { isRecent } from "./timestamp.ts";

const TOKEN = /(\{(?:body|timestamp|method|url|svix-id)\})/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}={0,2}|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * Compares two texts in constant time. It compares their digests, so the time does not depend on the lengths either.
 */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

/** Returns whether `given` is one of the texts, in a time that does not depend on which one. */
export function isOneOf(given: string, texts: readonly string[]): boolean {
  let found = false;
  for (const text of texts) found = sameText(given, text) || found;
  return found;
}

/**
 * Returns a header's value; `undefined` if it is missing, `null` if it is not one text (a header that was sent twice).
 */
export function headerOf(request: RequestHead, name: string): string | null | undefined {
  const value: unknown = request.headers[name.toLowerCase()];
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : null;
}

/**
 * Returns the signature of a request under a plan: `prefix + encode(HMAC(key, format))`, over the raw bytes. `null` if
 * a part that the format names is missing, or the secret is not a valid key.
 */
export function signatureOf(plan: HmacPlan, request: SignedRequest, secret: string): string | null {
  const parts = signedParts(plan, request);
  const hmac = keyedHmac(plan, secret);
  if (parts === null || hmac === null) return null;
  for (const part of parts) hmac.update(part);
  return plan.signaturePrefix + hmac.digest(plan.encoding);
}

const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;
const HEX = /^[0-9a-f]*$/i;

/**
 * Returns whether the request may be signed under the plan, by its headers alone: they have a digest of the right
 * length and a recent time.
 */
export function maybeSigned(plan: HmacPlan, head: RequestHead, now: Instant, toleranceMs?: number): boolean {
  const given = headerOf(head, plan.signatureHeader);
  if (typeof given !== "string" || !given.startsWith(plan.signaturePrefix)) return false;
  if (!isTimely(plan, head, now, toleranceMs)) return false;
  const digest = given.slice(plan.signaturePrefix.length);
  const bytes = DIGEST_BYTES[plan.algorithm];
  return plan.encoding === "hex"
    ? digest.length === 2 * bytes && HEX.test(digest)
    : digest.length === 4 * Math.ceil(bytes / 3) && BASE64.test(digest);
}

/**
 * Returns whether the request's signature under the plan was made with one of the secrets, and recently if it covers a
 * time. All secrets are tried, even after a match.
 */
export function isSigned(
  plan: HmacPlan,
  request: SignedRequest,
  secrets: readonly string[],
  now: Instant,
  toleranceMs?: number,
): boolean {
  const given = headerOf(request, plan.signatureHeader);
  if (typeof given !== "string" || !maybeSigned(plan, request, now, toleranceMs)) return false;
  const signature = plan.encoding === "hex" ? lowerCaseHex(plan, given) : given;
  let signed = false;
  for (const secret of secrets)
    signed = sameSignature(signature, signatureOf(plan, request, secret)) || signed;
  return signed;
}

/** Compares in a time that depends only on the lengths. The length of a signature is not secret. */
function sameSignature(given: string, expected: string | null): boolean {
  if (expected === null) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function lowerCaseHex({ signaturePrefix }: HmacPlan, given: string): string {
  return given.slice(0, signaturePrefix.length) + given.slice(signaturePrefix.length).toLowerCase();
}

/** Returns whether the time that a signature covers is recent: at most `toleranceMs` old. True if it covers none. */
export function isTimely(plan: HmacPlan, head: RequestHead, now: Instant, toleranceMs?: number): boolean {
  if (!plan.payloadFormat.includes("{timestamp}")) return true;
  const timestamp = plan.timestampHeader === null ? undefined : headerOf(head, plan.timestampHeader);
  return typeof timestamp === "string" && isRecent(timestamp, now, toleranceMs);
}

/**
 * Replaces the tokens of the format once, so that a header's value is never read as a format. Returns `null` if the
 * format does not cover the body.
 */
function signedParts(plan: HmacPlan, request: SignedRequest): (string | Uint8Array)[] | null {
  if (!plan.payloadFormat.includes("{body}")) return null;
  const parts: (string | Uint8Array)[] = [];
  for (const piece of plan.payloadFormat.split(TOKEN)) {
    const part = partOf(piece, plan, request);
    if (part === null) return null;
    parts.push(part);
  }
  return parts;
}

function partOf(piece: string, plan: HmacPlan, request: SignedRequest): string | Uint8Array | null {
  switch (piece) {
    case "{body}":
      return request.body;
    case "{method}":
      return request.method;
    case "{url}":
      return request.url;
    case "{timestamp}":
      return plan.timestampHeader === null ? null : (headerOf(request, plan.timestampHeader) ?? null);
    case "{svix-id}":
      return plan.messageIdHeader === null ? null : (headerOf(request, plan.messageIdHeader) ?? null);
    default:
      return piece;
  }
}

/** Returns `null` for an empty key, with which everybody could sign. `whsec_` is Svix's mark for a base64 key. */
function keyedHmac({ algorithm, secretIsBase64 }: HmacPlan, secret: string): Hmac | null {
  const text = secretIsBase64 ? secret.replace(/^whsec_/, "") : secret;
  if (text === "" || (secretIsBase64 && !BASE64.test(text))) return null;
  // Node accepts a text as a key three times faster than its bytes.
  return createHmac(algorithm, text, { encoding: secretIsBase64 ? "base64" : "utf8" });
}
