import { loadConfig } from "@call-ledger/config";
import type { AccountSettings } from "@call-ledger/providers";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Surroundings } from "../cli/command.ts";
import { usage } from "../cli/command.ts";

const { variables, accountIn } = DEFAULT_PROVIDER.platform;
const [SECRET] = variables;

/** What the option --secret says of itself. */
export const SECRET_ABOUT = `what to sign with; default: ${SECRET}`;

/** The account that deliveries are signed for: the platform's, with the secret of --secret if it is given. */
export function webhookAccountIn(given: string | undefined, env: Surroundings["env"]): AccountSettings {
  const loaded = loadConfig(Object.fromEntries(variables.map((name) => [name, env[name]])));
  const { webhookSecrets, verification } = loaded.ok
    ? accountIn(loaded.config)
    : { webhookSecrets: [], verification: null };
  const secret = given ?? webhookSecrets[0];
  if (secret === undefined) throw usage(`--secret S is missing, and ${SECRET} is not set.`);
  return { webhookSecrets: [secret], verification };
}
