import type { Environment } from "./load-config.ts";

/** The environment of this process, unread. */
export function processEnv(): Environment {
  // biome-ignore lint/style/noProcessEnv: the one place where the environment enters the product.
  return process.env;
}
