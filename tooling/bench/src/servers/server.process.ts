import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { openHttpConnection } from "../load/http.connection.ts";
import { cpuSeconds } from "./process.cpu.ts";

/** A server that is measured, in a process of its own. */
export type ServerProcess = {
  readonly port: number;
  /** From the spawn to the first 200, milliseconds. */
  readonly readyAfterMs: number;
  /** Resident memory now, bytes. */
  residentBytes(): number;
  /** Processor time that it has used, seconds; `undefined` where the system does not tell it simply. */
  cpuSeconds(): number | undefined;
  /** Asks it to stop and waits for its end. */
  stop(): Promise<void>;
};

export type ServerCommand = {
  /** Arguments of Node, the program first. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Answers 200 when the server may be measured. */
  readonly readyPath: string;
};

const PATIENCE_MS = 20_000;
const POLL_MS = 2;

/** Starts a server and waits until it is ready. Throws an Error when it ends or is not ready within 20 s. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const { port, readyPath } = command;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...command.args], {
    env: command.env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  const probe = Buffer.from(`GET ${readyPath} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  while ((await statusOf(port, probe)) !== 200) {
    if (hasEnded(child)) throw new Error(`the server ${command.args[0]} ended before it was ready`);
    if (performance.now() - startedAt > PATIENCE_MS) {
      child.kill("SIGKILL");
      throw new Error(`the server ${command.args[0]} is not ready after ${PATIENCE_MS / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return {
    port,
    readyAfterMs: performance.now() - startedAt,
    residentBytes: () => residentBytes(child.pid ?? 0),
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function statusOf(port: number, probe: Uint8Array): Promise<number | null> {
  try {
    const connection = await openHttpConnection(port);
    try {
      return await connection.send(probe);
    } finally {
      connection.close();
    }
  } catch {
    return null;
  }
}

function residentBytes(pid: number): number {
  if (process.platform === "linux") {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  }
  return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) * 1024;
}

/** A port of 127.0.0.1 that nothing listened on a moment ago. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
