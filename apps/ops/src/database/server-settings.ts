import type { ConfigResult, Environment } from "@call-ledger/config";
import { loadConfig } from "@call-ledger/config";
import { workerProblems } from "@call-ledger/worker/start";

/** Reads the settings of a server, and checks those of its worker too if both are one process. */
export function serverSettings(env: Environment): ConfigResult {
  const loaded = loadConfig(env);
  if (!loaded.ok || loaded.config.WORKER === "off") return loaded;
  const problems = workerProblems(loaded.config);
  return problems.length === 0 ? loaded : { ok: false, problems };
}
