import type { HmacPlan, RequestHead } from "../common/provider-adapter.ts";

/** What Vapi fills in where an HMAC credential leaves a field out (HmacAuthenticationPlan of its SDK). */
export const VAPI_HMAC_PLAN: HmacPlan = {
  algorithm: "sha256",
  encoding: "hex",
  payloadFormat: "{timestamp}.{body}",
  signatureHeader: "x-signature",
  timestampHeader: "x-timestamp",
  messageIdHeader: null,
  signaturePrefix: "",
  secretIsBase64: false,
};

const PREFIX = "sha256=";

/** Vapi's own defaults, and the headers that published verifiers and the flat dialect use. */
const HEADER_PAIRS = [
  { signatureHeader: "x-vapi-signature", timestampHeaders: ["x-vapi-timestamp", "x-timestamp"] },
  { signatureHeader: "x-signature", timestampHeaders: ["x-timestamp", "x-vapi-timestamp"] },
] as const;

/**
 * The plans that a request's own headers call for where its account has none: one for each signature header that is
 * there. With a timestamp header the signature is over `{timestamp}.{body}`, without one over the body.
 */
export function plansInHeaders({ headers }: RequestHead): HmacPlan[] {
  return HEADER_PAIRS.filter(({ signatureHeader }) => headers[signatureHeader] !== undefined).map(
    ({ signatureHeader, timestampHeaders }) => {
      const timestampHeader = timestampHeaders.find((name) => headers[name] !== undefined) ?? null;
      const signature: unknown = headers[signatureHeader];
      return {
        ...VAPI_HMAC_PLAN,
        payloadFormat: timestampHeader === null ? "{body}" : "{timestamp}.{body}",
        signatureHeader,
        timestampHeader,
        signaturePrefix: typeof signature === "string" && signature.startsWith(PREFIX) ? PREFIX : "",
      };
    },
  );
}
