import type { Config } from "./environment.schema.ts";
import { VARIABLES, variableNames } from "./environment.schema.ts";
import { ABOUT } from "./variable.ts";

/** The text that is printed instead of a secret. */
const HIDDEN = "[set]";

/** Parameters of URLs that are never secret. */
const HARMLESS_PARAMETERS = new Set(["sslmode", "application_name", "pgbouncer", "connect_timeout"]);

export type PrintableConfig = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Returns the configuration for printing, by variable; `null` for a variable that is not set. Secrets and the passwords
 * in URLs are hidden.
 */
export function redactConfig(config: Config): PrintableConfig {
  return Object.fromEntries(variableNames().map((name) => [name, printable(name, config[name])]));
}

function printable(name: keyof Config, value: Config[keyof Config]): string | number | boolean | null {
  if (value === null || (Array.isArray(value) && value.length === 0)) return null;
  if (ABOUT.get(VARIABLES[name])?.secret === true) return HIDDEN;
  if (typeof value === "object") return value.join(",");
  return typeof value === "string" && value.includes("://") ? withoutPassword(value) : value;
}

function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (url === null) return HIDDEN;
  if (url.password !== "") url.password = "hidden";
  for (const name of [...url.searchParams.keys()]) {
    if (!HARMLESS_PARAMETERS.has(name)) url.searchParams.set(name, "hidden");
  }
  url.hash = "";
  return url.href;
}
