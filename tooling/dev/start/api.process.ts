import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ApiLog } from "./api.log.ts";
import { urlHost } from "./start.plan.ts";

const POLL_MS = 50;
const READY_MS = 60_000;
const DRAIN_MS = 30_000;

export type ApiProcess = {
  /** Resolves with the exit code after the api has ended: 128 + the number of the signal, if it was not ours. */
  readonly ended: Promise<number>;
  /**
   * Resolves when `/health/ready` answers 200. Throws an Error if the api ends first or is not ready within a minute.
   */
  ready(signal: AbortSignal): Promise<void>;
  /** Asks the api to finish its work and waits for its end, for at most 30 s. */
  drain(): Promise<number>;
  /** Kills the api immediately. */
  kill(): void;
};

/**
 * Starts the same entry as production, in a session of its own, so that a Ctrl-C reaches it only through this process.
 * `log`: takes its output; undefined: it writes to the streams of this process.
 */
export function startApi(
  entry: string,
  env: Record<string, string>,
  port: number,
  log: ApiLog | undefined,
): ApiProcess {
  const follow = new URL("./parent.follow.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", follow, fileURLToPath(entry)], {
    env,
    detached: true,
    stdio: log === undefined ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  if (child.stdout !== null) log?.follow(child.stdout, process.stdout);
  if (child.stderr !== null) log?.follow(child.stderr, process.stderr);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    // After its last output.
    child.once("close", (code) => resolve(code ?? 1));
  });
  return {
    ended,
    ready: (signal) => waitUntilReady(child, `http://${urlHost(env.LISTEN_HOST ?? "::")}:${port}`, signal),
    drain() {
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), DRAIN_MS).unref();
      return ended;
    },
    kill() {
      child.kill("SIGKILL");
    },
  };
}

async function waitUntilReady(child: ChildProcess, url: string, signal: AbortSignal): Promise<void> {
  const until = Date.now() + READY_MS;
  while (!signal.aborted) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error("The api ended while it was starting.");
    if (await answersOk(`${url}/health/ready`)) return;
    if (Date.now() > until) throw new Error(`The api is not ready after ${READY_MS / 1000} s.`);
    await sleep(POLL_MS);
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
