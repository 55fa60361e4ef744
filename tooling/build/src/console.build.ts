import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const TURBO = join(ROOT, "node_modules/.bin/turbo");
const BUILD = [
  "run",
  "build",
  "--filter=@call-ledger/console",
  "--output-logs=errors-only",
  "--no-update-notifier",
];

/**
 * Builds apps/console, or takes the result from turbo's cache if the sources are the same. Returns the absolute path of
 * the folder with the result. Throws an Error with the output of the build.
 */
export async function buildConsole(): Promise<string> {
  const child = spawn(TURBO, BUILD, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const printed: Buffer[] = [];
  for (const output of [child.stdout, child.stderr])
    output.on("data", (bytes: Buffer) => printed.push(bytes));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`The console cannot be built:\n${Buffer.concat(printed)}`);
  return join(dirname(require.resolve("@call-ledger/console/package.json")), "dist");
}
