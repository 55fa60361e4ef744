import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { AccountSettings, Credential } from "../common/provider-adapter.ts";
import { VAPI_HMAC_PLAN } from "./hmac.plan.ts";
import type { VapiCredential } from "./verify.ts";
import { showsVapiCredential, verifyVapi, verifyVapiHead } from "./verify.ts";

/** The kinds of proof of the secret. `any`: a signature if there is one, otherwise the secret itself in a header. */
export const PROOFS = ["any", "hmac", "secret", "bearer"] as const;

const HEADER = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/)
  .transform((name) => name.toLowerCase());

/** Vapi's HMAC plan. A field that is left out has Vapi's default. */
const PLAN = z
  .strictObject({
    algorithm: z.enum(["sha1", "sha256", "sha512"]).default(VAPI_HMAC_PLAN.algorithm),
    encoding: z.enum(["hex", "base64"]).default(VAPI_HMAC_PLAN.encoding),
    payload_format: z.string().max(200).default(VAPI_HMAC_PLAN.payloadFormat),
    signature_header: HEADER.default(VAPI_HMAC_PLAN.signatureHeader),
    timestamp_header: HEADER.nullable().default(VAPI_HMAC_PLAN.timestampHeader),
    message_id_header: HEADER.nullable().default(VAPI_HMAC_PLAN.messageIdHeader),
    signature_prefix: z.string().max(50).default(VAPI_HMAC_PLAN.signaturePrefix),
    secret_is_base64: z.boolean().default(VAPI_HMAC_PLAN.secretIsBase64),
  })
  .refine(({ payload_format }) => payload_format.includes("{body}"))
  .refine((plan) => !plan.payload_format.includes("{timestamp}") || plan.timestamp_header !== null)
  .refine((plan) => !plan.payload_format.includes("{svix-id}") || plan.message_id_header !== null);

const VERIFICATION = z.strictObject({
  auth: z.enum(PROOFS).default(PROOFS[0]),
  hmac: PLAN.nullable().default(null),
});

/** Returns an account's credential; `null` for settings that vapiVerification does not accept. */
export function vapiCredential({ webhookSecrets, verification }: AccountSettings): Credential | null {
  const settings = vapiVerification(verification);
  return settings === null ? null : verifying({ secrets: webhookSecrets, ...settings });
}

/** A credential with a random secret. */
export const vapiDecoy: Credential = verifying({
  secrets: [randomBytes(32).toString("hex")],
  mode: "any",
  hmacPlan: null,
});

function verifying(credential: VapiCredential): Credential {
  return {
    isShownIn: (head) => showsVapiCredential(head, credential),
    verifyHead: (head, now, toleranceMs) => verifyVapiHead(head, credential, now, toleranceMs),
    verify: (request, now, toleranceMs) => verifyVapi(request, credential, now, toleranceMs),
  };
}

/**
 * Reads the stored way of verifying an account's deliveries: `{auth, hmac}`, `hmac` with the fields of `HmacPlan` in
 * snake_case. A field that is left out has Vapi's default; `null` stands for all defaults. Returns `null` for an
 * invalid setting, and for a plan that does not cover the body or needs a header that it does not name.
 */
export function vapiVerification(stored: unknown): Omit<VapiCredential, "secrets"> | null {
  const read = VERIFICATION.safeParse(stored ?? {});
  if (!read.success) return null;
  const { auth, hmac } = read.data;
  if (hmac === null) return { mode: auth, hmacPlan: null };
  return {
    mode: auth,
    hmacPlan: {
      algorithm: hmac.algorithm,
      encoding: hmac.encoding,
      payloadFormat: hmac.payload_format,
      signatureHeader: hmac.signature_header,
      timestampHeader: hmac.timestamp_header,
      messageIdHeader: hmac.message_id_header,
      signaturePrefix: hmac.signature_prefix,
      secretIsBase64: hmac.secret_is_base64,
    },
  };
}
