import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ALONE, SECRET, until, untilReady } from "./running-api.ts";

/** The real process, started as production starts it. */
export type ApiProcess = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Standard output and error so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
};

const ENTRY = fileURLToPath(new URL("../../src/start/server.ts", import.meta.url));

const living = new Set<ChildProcess>();
// A test that fails stops nothing.
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts the entry with this environment and nothing else of ours. */
export function spawnServer(env: Readonly<Record<string, string>>): {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<number | NodeJS.Signals>;
} {
  const child = spawn(process.execPath, [ENTRY], { env, stdio: ["ignore", "pipe", "pipe"] });
  living.add(child);
  child.once("exit", () => living.delete(child));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? 1));
  });
  return { child, output: () => said, ended };
}

export async function startProcess(
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ApiProcess> {
  const server = spawnServer({
    PORT: "0",
    DATABASE_URL: databaseUrl,
    VAPI_WEBHOOK_SECRET: SECRET,
    ...ALONE,
    ...env,
  });
  const port = await until(() => {
    const [, found] = /Server listening on port (\d+)/.exec(server.output()) ?? [];
    if (server.child.exitCode !== null) throw new Error(`the api ended:\n${server.output()}`);
    return found !== undefined && Number(found);
  }, "the api listens");
  const url = `http://127.0.0.1:${port}`;
  await untilReady({ url });
  const { child, output, ended } = server;
  return { url, port, pid: child.pid ?? 0, output, signal: (signal) => child.kill(signal), ended };
}
