import type { Server } from "@call-ledger/testkit/process";
import { startServer as startApi, until } from "@call-ledger/testkit/process";
import { inject } from "vitest";

export const SECRET = "test-secret-0123456789abcdef";

/** Starts the real api in a process of its own, with its worker inside, because /health reports the worker. */
export function startServer(
  databaseUrl: string,
  storage: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  return startApi([inject("programs").api], {
    env: { DATABASE_URL: databaseUrl, VAPI_WEBHOOK_SECRET: SECRET, STORAGE_PATH: storage, ...env },
  });
}

/** Waits until the server's health is `ok`, which needs its worker's first heartbeat. */
export async function untilHealthy({ url }: { readonly url: string }): Promise<void> {
  const isHealthy = async () => {
    const answer = await fetch(`${url}/health`);
    const report: unknown = await answer.json();
    return typeof report === "object" && report !== null && Reflect.get(report, "status") === "ok";
  };
  await until(isHealthy, "the api is healthy", 30);
}
