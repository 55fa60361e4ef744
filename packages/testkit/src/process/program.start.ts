import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** Where Node keeps what it compiled: source that starts a second time needs half the processor time for it. */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../../../node_modules/.cache/compile", import.meta.url)),
};

/** A Node program in a process of its own. */
export type Program = {
  readonly pid: number;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** Both, in the order in which they came. */
  output(): string;
  hasEnded(): boolean;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it with SIGKILL and waits for that. */
  kill(): Promise<void>;
};

export type ProgramOptions = {
  /** The whole environment: nothing of ours is passed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** `collect` unless it is said: `errors` drops standard output and passes standard error on, which costs us nothing. */
  readonly output?: "collect" | "errors";
};

/** A program that listens on a port of 127.0.0.1. */
export type Server = Program & { readonly port: number; readonly url: string };

const LISTENING = /Server listening on port (\d+)/;
const START_SECONDS = 30;

const living = new Set<ChildProcess>();
// A test that fails stops nothing.
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts Node with these arguments, the program first. */
export function startProgram(args: readonly string[], options: ProgramOptions): Program {
  const { env, cwd, output = "collect" } = options;
  const child = spawn(process.execPath, args, {
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
 * Starts the api with PORT=0 and waits for the line that says where it listens, which is before it is ready.
 * @throws Error with what it wrote when it ends first or does not listen within 30 s
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

/** Waits until the path answers 200; nobody listening yet is waited for too. */
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
