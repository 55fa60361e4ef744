import type { Environment } from "@call-ledger/config";
import { loadConfig } from "@call-ledger/config";
import type { SecretBox } from "@call-ledger/credentials";
import { secretBox } from "@call-ledger/credentials";
import { unreachable, usage } from "../cli/command.ts";

/** What secrets of accounts are encrypted with. Throws: unreachable without ENCRYPTION_KEY, usage where it is none. */
export function accountBox({ ENCRYPTION_KEY }: Environment): SecretBox {
  const loaded = loadConfig({ ENCRYPTION_KEY });
  if (!loaded.ok) throw usage(loaded.problems.map((one) => `${one.variable} ${one.problem}.`).join("\n"));
  if (loaded.config.ENCRYPTION_KEY !== null) return secretBox(loaded.config.ENCRYPTION_KEY);
  throw unreachable(
    "ENCRYPTION_KEY is not set, and the secrets of accounts are kept encrypted or not at all. Make one with " +
      "openssl rand -base64 32, and give the same one to this command, the server and the worker.",
  );
}
