/* For tests that send what Vapi sends; in production only the registry imports a provider. */

import type { Credential } from "../common/provider-adapter.ts";
import { vapi } from "../vapi/vapi.provider.ts";

export { vapiRecordings } from "../vapi/recording.request.ts";
export { signVapi } from "../vapi/sign.ts";
export { vapi };

/** What the deliveries of an account with this secret are verified against; by default any proof of it is taken. */
export function vapiCredential(secret: string, auth: "any" | "hmac" = "any"): Credential {
  const credential = vapi.credentialOf({ webhookSecrets: [secret], verification: { auth } });
  if (credential === null) throw new Error(`${auth} is no way to prove a secret to Vapi`);
  return credential;
}
