import { expect, test } from "vitest";
import { vapiVerification } from "./credential.ts";
import { VAPI_HMAC_PLAN } from "./hmac.plan.ts";

test("without a stored setting, the provider's usual way is used", () => {
  for (const nothing of [null, undefined, {}]) {
    expect(vapiVerification(nothing)).toEqual({ mode: "any", hmacPlan: null });
  }
});

test("Vapi's defaults complete a plan", () => {
  expect(vapiVerification({ hmac: {} })?.hmacPlan).toEqual(VAPI_HMAC_PLAN);
  expect(
    vapiVerification({
      auth: "hmac",
      hmac: {
        algorithm: "sha512",
        encoding: "base64",
        payload_format: "{svix-id}.{timestamp}.{body}",
        signature_header: "X-Signed",
        message_id_header: "X-Id",
        signature_prefix: "v1,",
        secret_is_base64: true,
      },
    }),
  ).toEqual({
    mode: "hmac",
    hmacPlan: {
      algorithm: "sha512",
      encoding: "base64",
      payloadFormat: "{svix-id}.{timestamp}.{body}",
      signatureHeader: "x-signed",
      timestampHeader: "x-timestamp",
      messageIdHeader: "x-id",
      signaturePrefix: "v1,",
      secretIsBase64: true,
    },
  });
});

test.each([
  "hmac",
  { auth: "none" },
  { mode: "hmac" },
  { hmac: { algorithm: "md5" } },
  { hmac: { payload_format: "{timestamp}" } },
  { hmac: { timestamp_header: null } },
  { hmac: { payload_format: "{svix-id}.{body}" } },
  { hmac: { signature_header: "two words" } },
])("an invalid setting, or one that does not cover the body, is refused: %j", (stored) => {
  expect(vapiVerification(stored)).toBeNull();
});
