/*
 * For tests that send deliveries of Vapi. In production only the registry imports a provider.
 */

import type { Credential } from "../common/provider-adapter.ts";
import { vapi } from "../vapi/vapi.provider.ts";

export { vapiRecordings } from "../vapi/recording.request.ts";
export { signVapi } from "../vapi/sign.ts";
export { vapi };

/** Returns the credential of an account with this secret. By default any proof is accepted. */
export function vapiCredential(secret: string, auth: "any" | "hmac" = "any"): Credential {
  const credential = vapi.credentialOf({ webhookSecrets: [secret], verification: { auth } });
  if (credential === null) throw new Error(`${auth} is not a kind of proof of Vapi`);
  return credential;
}
