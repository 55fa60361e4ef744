import type { Environment } from "@call-ledger/config";
import type { HealthStatus } from "@call-ledger/contract/health";
import { readHealth } from "@call-ledger/contract/health";
import { unreachableServer } from "./unreachable-server.ts";

export type HealthAnswer = {
  readonly httpStatus: number;
  /** Milliseconds from the request to the end of the answer; the first request of a process includes the handshakes. */
  readonly ms: number;
  /** `null`: the answer does not have the form of the contract; `fault` is the reason. */
  readonly health: HealthStatus | null;
  readonly fault: string | null;
};

const TIMEOUT_MS = 10_000;

/**
 * Reads a server's `/health` once. With the server's METRICS_TOKEN the answer also has queues, counts and growth.
 * Throws unreachable if there is no answer in time.
 */
export async function askHealth(
  server: URL,
  { timeoutMs = TIMEOUT_MS, token = "" }: { timeoutMs?: number; token?: string } = {},
): Promise<HealthAnswer> {
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const { httpStatus, ms, text } = await ask(pathOn(server, "/health"), timeoutMs, headers);
  const { health, fault } = readHealth(text);
  return { httpStatus, ms, health, fault };
}

/** Returns the server's METRICS_TOKEN; empty if it is not known here. */
export function metricsToken(env: Environment): string {
  return (env.METRICS_TOKEN ?? "").trim();
}

/** Returns whether a server's `/health/ready` is 200. Throws unreachable if there is no answer in time. */
export async function askReady(server: URL, timeoutMs: number): Promise<boolean> {
  return (await ask(pathOn(server, "/health/ready"), timeoutMs)).httpStatus === 200;
}

async function ask(url: URL, timeoutMs: number, headers: Record<string, string> = {}) {
  const startedAt = performance.now();
  try {
    const response = await fetch(url, {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { httpStatus: response.status, ms: Math.round(performance.now() - startedAt), text };
  } catch (error) {
    throw unreachableServer(url, error);
  }
}

/** Returns an address below the server's, even if that ends with a slash or with /health itself. */
function pathOn(server: URL, path: string): URL {
  const url = new URL(server);
  url.pathname = url.pathname.replace(/(\/health)?\/*$/, path);
  return url;
}
