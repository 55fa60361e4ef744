import type { Environment } from "@call-ledger/config";
import { loadConfig } from "@call-ledger/config";
import { unreachable, usage } from "../cli/command.ts";

/** In this order: the owner's own URL is preferred, because the other can be the application's login or a pooler. */
const VARIABLES = ["DIRECT_DATABASE_URL", "DATABASE_URL"] as const;

/**
 * Returns the URL of the database's owner. Other variables may be wrong or missing, because a migration does not need
 * them. Throws unreachable if no database is named, usage if its URL is invalid.
 */
export function ownerUrl(env: Environment): string {
  const name = VARIABLES.find((variable) => (env[variable] ?? "").trim() !== "");
  const url = name === undefined ? undefined : env[name]?.trim();
  if (name === undefined || url === undefined) {
    throw unreachable("No database: run npm start in another terminal, or set DATABASE_URL.");
  }
  const loaded = loadConfig(env);
  const wrong = loaded.ok ? undefined : loaded.problems.find(({ variable }) => variable === name);
  if (wrong !== undefined) throw usage(`${name} ${wrong.problem}.`);
  return url;
}
