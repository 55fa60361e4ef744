import type { HmacPlan, RequestHead } from "../common/provider-adapter.ts";

/** Vapi's defaults for the fields that an HMAC credential leaves out (HmacAuthenticationPlan of its SDK). */
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

/** Vapi's own default headers, and those of published verifiers and the flat dialect. */
const HEADER_PAIRS = [
  { signatureHeader: "x-vapi-signature", timestampHeaders: ["x-vapi-timestamp", "x-timestamp"] },
  { signatureHeader: "x-signature", timestampHeaders: ["x-timestamp", "x-vapi-timestamp"] },
] as const;

/**
 * Returns the plans that fit a request's headers if its account has no plan: one for each signature header. With a
 * timestamp header the signature is over `{timestamp}.{body}`, without one over the body.
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
