import type { Environment } from "@call-ledger/config";
import type { SecretBox } from "@call-ledger/credentials";
import { secretBox } from "@call-ledger/credentials";
import { unreachable } from "../cli/command.ts";
import { settingsIn } from "../cli/settings.ts";

/**
 * Returns the box that encrypts secrets of accounts. Throws unreachable if ENCRYPTION_KEY is not set, usage if it is
 * not a key.
 */
export function accountBox(env: Environment): SecretBox {
  const { ENCRYPTION_KEY } = settingsIn(env, ["ENCRYPTION_KEY"]);
  if (ENCRYPTION_KEY !== null) return secretBox(ENCRYPTION_KEY);
  throw unreachable(
    "ENCRYPTION_KEY is not set, and secrets of accounts are stored only encrypted. Generate a key with " +
      "openssl rand -base64 32, and set the same key for this command, the server and the worker.",
  );
}
