import type { Environment } from "./load-config.ts";

/** Returns the environment of this process, without validation. */
export function processEnv(): Environment {
  // biome-ignore lint/style/noProcessEnv: the one place where the environment enters the product.
  return process.env;
}
