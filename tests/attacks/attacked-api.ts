import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ALONE, SECRET, untilReady } from "@call-ledger/api/testing/running-api";
import type { Server } from "@call-ledger/testkit/process";
import { startServer, until } from "@call-ledger/testkit/process";
import { inject } from "vitest";

const PROBE = fileURLToPath(new URL("./loop.probe.mjs", import.meta.url));

/** The api with the heap of a small instance. */
export type AttackedApi = Server & {
  /** Returns the longest stop of its event loop since the last request for it, in milliseconds of processor time. */
  longestStopMs(): Promise<number>;
  /** Returns its resident memory in MB. */
  rssMb(): number;
};

export async function startAttacked(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<AttackedApi> {
  const server = await startServer(["--max-old-space-size=320", "--import", PROBE, inject("programs").api], {
    env: { DATABASE_URL: databaseUrl, VAPI_WEBHOOK_SECRET: SECRET, ...ALONE, ...env },
  });
  await untilReady(server);
  const stops = () => [...server.output().matchAll(/longest stop ([\d.]+) ms/g)];
  const longestStopMs = async () => {
    const before = stops().length;
    server.signal("SIGUSR2");
    await until(() => stops().length > before, "the probe answers");
    return Number(stops().at(-1)?.[1]);
  };
  await longestStopMs();
  const rssMb = () => {
    const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  return { ...server, longestStopMs, rssMb };
}
