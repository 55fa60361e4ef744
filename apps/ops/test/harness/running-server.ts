import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The real api in a process of its own, as production starts it. */
export type RunningServer = {
  readonly url: string;
  /** Everything that it said so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
};

export const SECRET = "test-secret-0123456789abcdef";

const ENTRY = fileURLToPath(import.meta.resolve("@call-ledger/api/start"));
const DEADLINE_MS = 30_000;
const POLL_MS = 50;

const living = new Set<ChildProcess>();
// A test that fails stops nothing.
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** With its worker inside, because /health asks for one. Throws with what it said when it is not ready in time. */
export async function startServer(
  databaseUrl: string,
  storage: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const child = spawn(process.execPath, [ENTRY], {
    env: { PORT: "0", DATABASE_URL: databaseUrl, VAPI_WEBHOOK_SECRET: SECRET, STORAGE_PATH: storage, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.add(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void ended.then(() => living.delete(child));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const url = await until(async () => {
    if (child.exitCode !== null) throw new Error(`the api ended:\n${said}`);
    const port = /Server listening on port (\d+)/.exec(said)?.[1];
    return port === undefined ? false : `http://127.0.0.1:${port}`;
  }, "the api listens");
  return {
    url,
    output: () => said,
    signal: (signal) => child.kill(signal),
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Until its health is `ok`, which takes its worker's first heartbeat. */
export async function untilHealthy({ url }: { readonly url: string }): Promise<void> {
  await until(async () => {
    const answer = await fetch(`${url}/health`);
    const report: unknown = await answer.json();
    return typeof report === "object" && report !== null && Reflect.get(report, "status") === "ok";
  }, "the api is healthy");
}

/** Resolves with what the check found; throws after half a minute. */
export async function until<T>(check: () => Promise<T | false> | T | false, what: string): Promise<T> {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await check();
    if (found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
