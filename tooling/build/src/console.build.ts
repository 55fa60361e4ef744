import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const TURBO = join(ROOT, "node_modules/.bin/turbo");
const BUILD = [
  "run",
  "build",
  "--filter=@call-ledger/console",
  "--output-logs=errors-only",
  "--no-update-notifier",
];

/** What Vite says while another process builds the same sources; then turbo knows the result. */
const BUSY = "Found another Vite build process";
const AGAIN_MS = 500;
const MAX_WAIT_MS = 120_000;

/**
 * Builds apps/console, unless turbo knows the result for the same sources already; waits while another process does.
 * @returns the absolute path of the folder that it is in
 * @throws Error with what the build has said
 */
export async function buildConsole(): Promise<string> {
  const until = Date.now() + MAX_WAIT_MS;
  let fault = await runBuild();
  while (fault?.includes(BUSY) && Date.now() < until) {
    await sleep(AGAIN_MS);
    fault = await runBuild();
  }
  if (fault !== null) throw new Error(`The console cannot be built:\n${fault}`);
  return fileURLToPath(new URL("dist", import.meta.resolve("@call-ledger/console/package.json")));
}

/** What a build that failed has said; `null`: it succeeded. */
async function runBuild(): Promise<string | null> {
  const child = spawn(TURBO, BUILD, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const said: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) output.on("data", (bytes: Buffer) => said.push(bytes));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return code === 0 ? null : String(Buffer.concat(said));
}
