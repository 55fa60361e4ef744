import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** The folder of Node's compile cache. A second start of the same source needs half the processor time. */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../../../node_modules/.cache/compile", import.meta.url)),
};

/** A Node program in its own process. */
export type Program = {
  readonly pid: number;
  /** Returns its standard output so far. */
  stdout(): string;
  stderr(): string;
  /** Returns standard output and standard error so far, in the order of arrival. */
  output(): string;
  hasEnded(): boolean;
  /** Resolves with its exit code, or with the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** Ends the program with SIGKILL and waits for its end. */
  kill(): Promise<void>;
};

export type ProgramOptions = {
  /** The program to start; default: this Node, with the script as its first argument. */
  readonly command?: string;
  /** The whole environment of the program. None of our variables is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Default: `collect`. `errors` drops standard output and passes standard error on, which costs this process nothing.
   */
  readonly output?: "collect" | "errors";
};

/** A program that listens on a port of 127.0.0.1. */
export type Server = Program & { readonly port: number; readonly url: string };

const LISTENING = /Server listening on port (\d+)/;
const START_SECONDS = 30;

const living = new Set<ChildProcess>();
// A test that fails does not stop its programs.
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts a program with these arguments. */
export function startProgram(args: readonly string[], options: ProgramOptions): Program {
  const { command = process.execPath, env, cwd, output = "collect" } = options;
  const child = spawn(command, args, {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: output === "collect" ? ["ignore", "pipe", "pipe"] : ["ignore", "ignore", "inherit"],
  });
  living.add(child);
  const written = { stdout: "", stderr: "", both: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      written.both += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", (code, signal) => resolve(code ?? signal ?? 1));
  });
  void ended.then(() => living.delete(child));
  return {
    pid: child.pid ?? 0,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    output: () => written.both,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    ended,
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/**
 * Starts the api with PORT=0 and waits for the line with its address. The api may not be ready at that time.
 * @throws Error with the output if the api ends first or does not listen within 30 s
 */
export async function startServer(
  args: readonly string[],
  { env, ...options }: Omit<ProgramOptions, "output">,
): Promise<Server> {
  const program = startProgram(args, { ...options, env: { PORT: "0", ...env } });
  const port = await until(
    () => {
      const found = LISTENING.exec(program.output())?.[1];
      if (program.hasEnded()) throw new Error(`${args[0]} ended:\n${program.output()}`);
      return found !== undefined && Number(found);
    },
    `${args[0]} listens`,
    START_SECONDS,
  );
  return { ...program, port, url: `http://127.0.0.1:${port}` };
}

/** Waits until the path answers 200. Also waits while nothing listens. */
export async function untilOk(url: string, seconds = 30): Promise<void> {
  await until(
    async () => {
      const status = await fetch(url).then(
        async (reply) => {
          await reply.arrayBuffer();
          return reply.status;
        },
        () => null,
      );
      return status === 200;
    },
    `${url} answers 200`,
    seconds,
  );
}
