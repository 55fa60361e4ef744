import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** The URL of a database without a server: the api starts, answers that it is unavailable, and stops. */
const ENVIRONMENT = {
  PORT: "0",
  DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:1/none",
  VAPI_WEBHOOK_SECRET: "rehearsal",
  WORKER: "off",
};
const TIMEOUT_MS = 20_000;
const LISTENING = /Server listening on port (\d+)/;

/**
 * Starts the api, asks for its health and stops it, so that Node stores the compiled code. Throws an Error if the api
 * does not listen or does not stop by itself.
 */
export async function rehearseApi(program: string): Promise<void> {
  const child = spawn(process.execPath, [program], {
    env: ENVIRONMENT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = LISTENING.exec(line)?.[1];
    if (port === undefined) continue;
    await fetch(`http://127.0.0.1:${port}/health`).then((reply) => reply.arrayBuffer());
    child.kill("SIGTERM");
  }
  const code = await ended;
  clearTimeout(limit);
  if (code !== 0) throw new Error(`the api that was built ended with ${code} instead of 0`);
}
