import type { Program, Server } from "@call-ledger/testkit/process";
import { startProgram, startServer } from "@call-ledger/testkit/process";
import { inject } from "vitest";
import { ALONE, SECRET, untilReady } from "./running-api.ts";

/** Starts the program of production with this environment, and without other settings of the test process. */
export function spawnApi(env: Readonly<Record<string, string>>): Program {
  return startProgram([inject("programs").api], { env });
}

/** Starts the real process and waits until it is ready. */
export async function startProcess(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const server = await startServer([inject("programs").api], {
    env: { DATABASE_URL: databaseUrl, VAPI_WEBHOOK_SECRET: SECRET, ...ALONE, ...env },
  });
  await untilReady(server);
  return server;
}
