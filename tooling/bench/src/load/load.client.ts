import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { LoadJob, LoadResult } from "./load.job.ts";

const PROGRAM = fileURLToPath(new URL("./load.process.ts", import.meta.url));

/**
 * Runs a load process and waits for its result. Throws an Error when it fails, or when a request was answered with
 * anything but a 2xx: a figure about refusals would say nothing.
 */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(job)], {
    env: {},
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const output = await text(child.stdout);
  const code = await ended;
  if (code !== 0) throw new Error(`the load process ended with ${code}`);
  const result: LoadResult = JSON.parse(output);
  const refused = Object.entries(result.statuses).filter(([status]) => Number(status) >= 300);
  if (refused.length > 0) throw new Error(`deliveries were refused: ${JSON.stringify(result.statuses)}`);
  return result;
}
