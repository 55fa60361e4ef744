import { freePort } from "@call-ledger/local-postgres";
import type { ServerProcess } from "./server.process.ts";
import { startServer } from "./server.process.ts";

export const WEBHOOK_PATH = "/api/webhooks/vapi";
export const SECRET = "bench-secret-0123456789abcdef";

/**
 * Starts the api as production does. `readyPath` is the path that has to answer 200: `/health` to measure the first
 * answer that includes the database, `/health/ready` before load.
 */
export async function startApi(
  program: string,
  databaseUrl: string,
  readyPath: "/health" | "/health/ready",
  nodeOptions: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const port = await freePort();
  const env = {
    NODE_ENV: "production",
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    VAPI_WEBHOOK_SECRET: SECRET,
    WORKER: "off",
    ...more,
  };
  return startServer({ args: [...nodeOptions, program], env, port, readyPath });
}
