import type { Instant } from "@call-ledger/domain";
import { boundedIdentifier } from "@call-ledger/domain";
import { headerOf, isOneOf, isSigned, isTimely, maybeSigned } from "../common/hmac.ts";
import type {
  HmacPlan,
  RefusedBecause,
  RequestHead,
  SignedRequest,
  Verification,
} from "../common/provider-adapter.ts";
import { plansInHeaders } from "./hmac.plan.ts";

/** The data of an account at Vapi with which its deliveries are verified. */
export type VapiCredential = {
  /** All valid secrets: two during a rotation. */
  readonly secrets: readonly string[];
  readonly mode: "any" | "hmac" | "secret" | "bearer";
  /** `null`: the plans that fit the headers of a request. */
  readonly hmacPlan: HmacPlan | null;
};

/** The time of receipt, and the max age of a signed time. */
type Window = { readonly now: Instant; readonly toleranceMs: number | undefined };

const BEARER = /^bearer +/i;

const SECRET_HEADERS = { secret: "x-vapi-secret", bearer: "authorization" } as const;

/**
 * Verifies a delivery against all secrets of a credential, in constant time, failing closed. In mode `any` a signature
 * decides if one is sent: every signature header has to verify, and a wrong signature fails even beside the right
 * shared secret. Without a signature, one right `X-Vapi-Secret` or `Authorization` is enough. Both may have the word
 * Bearer or not, because Vapi's bearer credential can name either header.
 */
export function verifyVapi(
  request: SignedRequest,
  credential: VapiCredential,
  now: Instant,
  toleranceMs?: number,
): Verification {
  const verdict = verifyVapiHead(request, credential, now, toleranceMs);
  if (verdict !== null) return verdict;
  const secrets = usableSecrets(credential);
  const own = ownPlans(request, credential);
  if (isDecidedBySignature(credential, own) && areSigned(own, request, secrets, { now, toleranceMs })) {
    return verifiedAs(request, credential.hmacPlan);
  }
  // An account with its own plan or mode takes as long as the default, so that a refusal does not show that the account
  // exists.
  if (credential.hmacPlan !== null || credential.mode !== "any") {
    areSigned(plansInHeaders(request), request, secrets, { now, toleranceMs });
  }
  return refused("wrong_proof");
}

/** Returns the result that the headers alone decide; `null`: a signature over the body decides. */
export function verifyVapiHead(
  head: RequestHead,
  credential: VapiCredential,
  now: Instant,
  toleranceMs?: number,
): Verification | null {
  const window = { now, toleranceMs };
  const secrets = usableSecrets(credential);
  if (secrets.length === 0) return refused("wrong_proof");
  const { mode, hmacPlan } = credential;
  const own = ownPlans(head, credential);
  if (!isDecidedBySignature(credential, own)) {
    const bySecret = mode !== "bearer" && carriesSecret(head, SECRET_HEADERS.secret, secrets);
    const byBearer = mode !== "secret" && carriesSecret(head, SECRET_HEADERS.bearer, secrets);
    if (bySecret || byBearer) return verifiedAs(head, hmacPlan);
  } else if (maybeAllSigned(own, head, window)) return null;
  // The default reads the body of a request that may be signed, so an account of any other mode does too.
  if (maybeAllSigned(plansInHeaders(head), head, window)) return null;
  if (!showsVapiCredential(head, credential)) return refused("no_proof");
  const isStale = own.some((plan) => !isTimely(plan, head, window.now, window.toleranceMs));
  return refused(isStale ? "stale_timestamp" : "wrong_proof");
}

function refused(because: RefusedBecause): Verification {
  return { verified: false, because };
}

/** Returns whether there is a header that could prove the secret in the credential's mode, or in the default mode. */
export function showsVapiCredential(head: RequestHead, { hmacPlan }: VapiCredential): boolean {
  const plans = [...plansInHeaders(head), ...(hmacPlan === null ? [] : presentPlan(hmacPlan, head))];
  return plans.length > 0 || Object.values(SECRET_HEADERS).some((name) => headerOf(head, name) !== undefined);
}

/**
 * Returns whether a signature without a timestamp would cover `{timestamp}.{body}`. A person who captured a delivery
 * could move its timestamp there, leave out the header, and so avoid the window. No body of Vapi begins with a number.
 */
function holdsSignedTime({ payloadFormat }: HmacPlan, { body }: SignedRequest): boolean {
  return (
    !payloadFormat.includes("{timestamp}") &&
    /^\d+\./.test(Buffer.from(body.subarray(0, 32)).toString("latin1"))
  );
}

function usableSecrets({ secrets }: VapiCredential): string[] {
  return secrets.filter((secret) => secret.trim() !== "");
}

function ownPlans(head: RequestHead, { hmacPlan }: VapiCredential): HmacPlan[] {
  return hmacPlan === null ? plansInHeaders(head) : presentPlan(hmacPlan, head);
}

function isDecidedBySignature({ mode }: VapiCredential, plans: readonly HmacPlan[]): boolean {
  return mode === "hmac" || (mode === "any" && plans.length > 0);
}

function areSigned(
  plans: readonly HmacPlan[],
  request: SignedRequest,
  secrets: readonly string[],
  { now, toleranceMs }: Window,
): boolean {
  const verdicts = plans.map(
    (plan) => !holdsSignedTime(plan, request) && isSigned(plan, request, secrets, now, toleranceMs),
  );
  return verdicts.length > 0 && verdicts.every(Boolean);
}

function maybeAllSigned(plans: readonly HmacPlan[], head: RequestHead, window: Window): boolean {
  return plans.length > 0 && plans.every((plan) => maybeSigned(plan, head, window.now, window.toleranceMs));
}

function presentPlan(plan: HmacPlan, head: RequestHead): HmacPlan[] {
  return headerOf(head, plan.signatureHeader) === undefined ? [] : [plan];
}

function carriesSecret(head: RequestHead, header: string, secrets: readonly string[]): boolean {
  const value = headerOf(head, header);
  return typeof value === "string" && isOneOf(value.replace(BEARER, ""), secrets);
}

function verifiedAs(head: RequestHead, plan: HmacPlan | null): Verification {
  const header = plan?.messageIdHeader ?? null;
  return {
    verified: true,
    deliveryId: header === null ? null : boundedIdentifier(headerOf(head, header)),
  };
}
