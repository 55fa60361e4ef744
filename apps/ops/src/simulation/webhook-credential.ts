import { loadConfig } from "@call-ledger/config";
import type { AccountSettings } from "@call-ledger/providers";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Surroundings } from "../cli/command.ts";
import { usage } from "../cli/command.ts";

const { variables, accountIn } = DEFAULT_PROVIDER.platform;
const [SECRET] = variables;

/** The help text of the option --secret. */
export const SECRET_ABOUT = `the secret that signs deliveries; default: ${SECRET}`;

/** Returns the account for which deliveries are signed: the platform's, with the secret of --secret if it is given. */
export function webhookAccountIn(given: string | undefined, env: Surroundings["env"]): AccountSettings {
  const loaded = loadConfig(Object.fromEntries(variables.map((name) => [name, env[name]])));
  const { webhookSecrets, verification } = loaded.ok
    ? accountIn(loaded.config)
    : { webhookSecrets: [], verification: null };
  const secret = given ?? webhookSecrets[0];
  if (secret === undefined) throw usage(`--secret S is missing, and ${SECRET} is not set.`);
  return { webhookSecrets: [secret], verification };
}
