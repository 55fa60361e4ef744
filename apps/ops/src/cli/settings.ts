import type { Config, Environment } from "@call-ledger/config";
import { loadConfig } from "@call-ledger/config";
import { usage } from "./command.ts";

/**
 * Returns the configuration of the environment; if `names` are given, only of these variables. Throws a usage error.
 */
export function settingsIn(env: Environment, names?: readonly string[]): Config {
  const loaded = loadConfig(
    names === undefined ? env : Object.fromEntries(names.map((name) => [name, env[name]])),
  );
  if (loaded.ok) return loaded.config;
  throw usage(loaded.problems.map(({ variable, problem }) => `${variable} ${problem}.`).join("\n"));
}
