import type { Environment } from "@call-ledger/config";
import type { SecretBox } from "@call-ledger/credentials";
import { secretBox } from "@call-ledger/credentials";
import { unreachable } from "../cli/command.ts";
import { settingsIn } from "../cli/settings.ts";

/** What secrets of accounts are encrypted with. Throws: unreachable without ENCRYPTION_KEY, usage where it is none. */
export function accountBox(env: Environment): SecretBox {
  const { ENCRYPTION_KEY } = settingsIn(env, ["ENCRYPTION_KEY"]);
  if (ENCRYPTION_KEY !== null) return secretBox(ENCRYPTION_KEY);
  throw unreachable(
    "ENCRYPTION_KEY is not set, and the secrets of accounts are kept encrypted or not at all. Make one with " +
      "openssl rand -base64 32, and give the same one to this command, the server and the worker.",
  );
}
