import type { Instant } from "@call-ledger/domain";
import { boundedIdentifier } from "@call-ledger/domain";
import { headerOf, isOneOf, isSigned } from "../common/hmac.ts";
import type { HmacPlan, SignedRequest, Verification } from "../common/provider-adapter.ts";
import { plansInHeaders } from "./hmac.plan.ts";

/** What is known of an account at Vapi, as its deliveries are verified. */
export type VapiCredential = {
  /** All secrets that hold at the moment: two during a rotation. */
  readonly secrets: readonly string[];
  readonly mode: "any" | "hmac" | "secret" | "bearer";
  /** `null`: the plans that the headers of a request call for. */
  readonly hmacPlan: HmacPlan | null;
};

const REFUSED: Verification = { verified: false };
const BEARER = /^bearer +/i;

/**
 * Verifies a delivery against all secrets of a credential, in constant time, failing closed.
 *
 * In mode `any` a signature decides if one is sent: every signature header has to verify, and a wrong signature fails
 * even beside the right shared secret. Without a signature, one right `X-Vapi-Secret` or `Authorization` is
 * enough; both may carry the word Bearer or not, since Vapi's bearer credential can name either header.
 */
export function verifyVapi(request: SignedRequest, credential: VapiCredential, now: Instant): Verification {
  const secrets = credential.secrets.filter((secret) => secret.trim() !== "");
  const { mode, hmacPlan } = credential;
  if (secrets.length === 0) return REFUSED;
  const plans = hmacPlan === null ? plansInHeaders(request) : presentPlan(hmacPlan, request);
  if (mode === "hmac" || (mode === "any" && plans.length > 0)) {
    const verdicts = plans.map(
      (plan) => !holdsSignedTime(plan, request) && isSigned(plan, request, secrets, now),
    );
    return verdicts.length > 0 && verdicts.every(Boolean) ? verifiedAs(request, hmacPlan) : REFUSED;
  }
  const bySecret = (mode === "any" || mode === "secret") && carriesSecret(request, "x-vapi-secret", secrets);
  const byBearer = (mode === "any" || mode === "bearer") && carriesSecret(request, "authorization", secrets);
  return bySecret || byBearer ? verifiedAs(request, hmacPlan) : REFUSED;
}

/**
 * Whether a signature without a timestamp would cover `{timestamp}.{body}`: whoever captured a delivery could put its
 * timestamp there, leave the header out, and so have no window. No body of Vapi begins with a number.
 */
function holdsSignedTime({ payloadFormat }: HmacPlan, { body }: SignedRequest): boolean {
  return (
    !payloadFormat.includes("{timestamp}") &&
    /^\d+\./.test(Buffer.from(body.subarray(0, 32)).toString("latin1"))
  );
}

function presentPlan(plan: HmacPlan, request: SignedRequest): HmacPlan[] {
  return headerOf(request, plan.signatureHeader) === undefined ? [] : [plan];
}

function carriesSecret(request: SignedRequest, header: string, secrets: readonly string[]): boolean {
  const value = headerOf(request, header);
  return typeof value === "string" && isOneOf(value.replace(BEARER, ""), secrets);
}

function verifiedAs(request: SignedRequest, plan: HmacPlan | null): Verification {
  const header = plan?.messageIdHeader ?? null;
  return {
    verified: true,
    deliveryId: header === null ? null : boundedIdentifier(headerOf(request, header)),
  };
}
