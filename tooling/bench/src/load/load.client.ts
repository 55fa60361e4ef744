import { fileURLToPath } from "node:url";
import { COMPILE_CACHE, startProgram } from "@call-ledger/testkit/process";
import type { LoadJob, LoadResult } from "./load.job.ts";

const PROGRAM = fileURLToPath(new URL("./load.process.ts", import.meta.url));

/**
 * Runs a load process and returns its result. Throws an Error if the process fails, or if a request was not answered
 * with 2xx: the figures would describe refusals.
 */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const program = startProgram([PROGRAM, JSON.stringify(job)], { env: COMPILE_CACHE });
  const code = await program.ended;
  if (code !== 0) throw new Error(`the load process ended with ${code}: ${program.stderr()}`);
  const result: LoadResult = JSON.parse(program.stdout());
  const refused = Object.entries(result.statuses).filter(([status]) => Number(status) >= 300);
  if (refused.length > 0) throw new Error(`deliveries were refused: ${JSON.stringify(result.statuses)}`);
  return result;
}
