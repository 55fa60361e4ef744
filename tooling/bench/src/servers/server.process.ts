import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { startProgram, until } from "@call-ledger/testkit/process";
import { cpuSeconds } from "./process.cpu.ts";

/** A measured server, in a process of its own. */
export type ServerProcess = {
  readonly port: number;
  /** Milliseconds from the spawn to the first 200. */
  readonly readyAfterMs: number;
  /** Returns the resident memory at this moment, in bytes. */
  residentBytes(): number;
  /** Returns the used processor time in seconds; `undefined` if the system does not give it simply. */
  cpuSeconds(): number | undefined;
  /** Asks the process to stop and waits for its end. */
  stop(): Promise<void>;
};

export type ServerCommand = {
  /** The arguments of Node; the program is the first. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** The path that answers 200 when the server is ready for measurements. */
  readonly readyPath: string;
};

const TIMEOUT_SECONDS = 20;
const POLL_MS = 2;

/** Starts a server and waits until it is ready. Throws an Error if it ends or is not ready within 20 s. */
export async function startServer({ args, env, port, readyPath }: ServerCommand): Promise<ServerProcess> {
  const startedAt = performance.now();
  const program = startProgram(args, { env, output: "errors" });
  const isReady = async () => {
    if (program.hasEnded()) throw new Error(`the server ${args[0]} ended before it was ready`);
    return (await statusOf(`http://127.0.0.1:${port}${readyPath}`)) === 200;
  };
  try {
    await until(isReady, `the server ${args[0]} is ready`, TIMEOUT_SECONDS, POLL_MS);
  } catch (error) {
    await program.kill();
    throw error;
  }
  return {
    port,
    readyAfterMs: performance.now() - startedAt,
    residentBytes: () => residentBytes(program.pid),
    cpuSeconds: () => cpuSeconds(program.pid),
    async stop() {
      program.signal("SIGTERM");
      await program.ended;
    },
  };
}

function statusOf(url: string): Promise<number | null> {
  return fetch(url).then(
    async (reply) => {
      await reply.arrayBuffer();
      return reply.status;
    },
    () => null,
  );
}

function residentBytes(pid: number): number {
  if (process.platform === "linux") {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  }
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) * 1024;
}
