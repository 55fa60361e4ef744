import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { inject } from "vitest";
import type { WorkerConfig, WorkerTiming } from "../../src/start/index.ts";
import type { WorkerSetting } from "./running-worker.ts";
import { configFor } from "./running-worker.ts";

export type ChildWorker = {
  readonly process: ChildProcess;
  /** Resident memory over time, in bytes. */
  readonly memory: readonly number[];
  /** Returns its standard error. */
  errors(): string;
  kill(): Promise<void>;
};

/**
 * Starts a worker that can be killed. `limit` is a shell command that runs before it, in its process. `within` is the
 * command with which both are started.
 */
export function childWorker(
  setting: WorkerSetting,
  {
    config = {},
    timing = {},
    limit = ":",
    within = [],
  }: {
    readonly config?: Partial<WorkerConfig>;
    readonly timing?: Partial<WorkerTiming>;
    readonly limit?: string;
    readonly within?: readonly string[];
  } = {},
): ChildWorker {
  const deps = {
    config: configFor(setting, config),
    databaseUrl: setting.calls.database.appUrl,
    timing: { pollMs: 50, heartbeatMs: 500, ...timing },
    ca: setting.certificate.cert,
  };
  const program = [process.execPath, inject("programs").workerUnderTest, JSON.stringify(deps)];
  const [command = "", ...args] = [...within, "/bin/sh", "-c", `${limit}; exec "$@"`, "sh", ...program];
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const memory: number[] = [];
  let errors = "";
  child.stdout.on("data", (lines: Buffer) => {
    for (const line of lines.toString().trim().split("\n")) memory.push(Number(line));
  });
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString();
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    process: child,
    memory,
    errors: () => errors,
    kill() {
      child.kill("SIGKILL");
      return ended;
    },
  };
}
