import { fileURLToPath } from "node:url";
import { freePort } from "@call-ledger/local-postgres";
import { COMPILE_CACHE } from "@call-ledger/testkit/process";
import type { BaselineSettings } from "./baseline.process.ts";
import type { ServerProcess } from "./server.process.ts";
import { startServer } from "./server.process.ts";

const PROGRAM = fileURLToPath(new URL("./baseline.process.ts", import.meta.url));

/** Starts a server that the api is compared with. */
export async function startBaseline(settings: Omit<BaselineSettings, "port">): Promise<ServerProcess> {
  const port = await freePort();
  const args = [PROGRAM, JSON.stringify({ ...settings, port } satisfies BaselineSettings)];
  return startServer({ args, env: { NODE_ENV: "production", ...COMPILE_CACHE }, port, readyPath: "/" });
}
