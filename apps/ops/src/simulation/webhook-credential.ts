import { loadConfig } from "@call-ledger/config";
import type { Input, Surroundings } from "../cli/command.ts";
import { usage } from "../cli/command.ts";
import { optionalText } from "../cli/values.ts";
import type { WebhookCredential } from "./send-delivery.ts";

/** The secret of --secret, else the first of VAPI_WEBHOOK_SECRET. Throws a usage error where there is none. */
export function webhookCredentialIn(input: Input, env: Surroundings["env"]): WebhookCredential {
  const { VAPI_WEBHOOK_SECRET, VAPI_WEBHOOK_AUTH } = env;
  const given = optionalText(input, "secret");
  const loaded = loadConfig({ VAPI_WEBHOOK_SECRET, VAPI_WEBHOOK_AUTH });
  const secret = given ?? (loaded.ok ? loaded.config.VAPI_WEBHOOK_SECRET[0] : undefined);
  if (secret === undefined) throw usage("--secret S is missing, and VAPI_WEBHOOK_SECRET is not set.");
  return { secret, mode: loaded.ok ? loaded.config.VAPI_WEBHOOK_AUTH : "any" };
}
