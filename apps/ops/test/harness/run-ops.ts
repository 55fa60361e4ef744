import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { inject } from "vitest";
import { run } from "../../src/cli/run.ts";
import { COMMANDS } from "../../src/start/registry.ts";

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the real program in a process of its own, with only this environment. */
export function runOps(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
): Promise<Finished> {
  return spawnOps(args, env, input).finished;
}

/** Runs it in the same way, for a caller that needs the running process. */
export function spawnOps(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): { readonly child: ChildProcess; readonly finished: Promise<Finished> } {
  const child = spawn(process.execPath, [inject("programs").ops, ...args], {
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A program that does not read its input may have ended before the input was written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

/**
 * Runs it within this process, for the many cases that test only texts. `typed` is what a person types, for each
 * question.
 */
export async function callOps(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
  typed: string | ((question: string) => string | null) | null = null,
): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  const code = await run(args, COMMANDS, {
    env,
    now: () => Date.now(),
    ask: async (question) => {
      if (typed !== null) stderr += question;
      return typeof typed === "function" ? typed(question) : typed;
    },
    input: async () => input,
    cutOff: new AbortController().signal,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

/** Returns the one document that a run printed. Throws if standard output contains anything else. */
export function documentOf({ stdout }: Finished) {
  if (stdout.indexOf("\n") !== stdout.length - 1) throw new Error(`not one line: ${stdout}`);
  return JSON.parse(stdout);
}
