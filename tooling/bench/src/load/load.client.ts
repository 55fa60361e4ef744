import { startProgram } from "@call-ledger/testkit/process";
import type { LoadJob, LoadResult } from "./load.job.ts";

/**
 * Runs the bundled load process and returns its result. Throws an Error if the process fails, or if a request was not
 * answered with 2xx: the figures would describe refusals.
 */
export async function runLoad(program: string, job: LoadJob): Promise<LoadResult> {
  const load = startProgram([program, JSON.stringify(job)], { env: {} });
  const code = await load.ended;
  if (code !== 0) throw new Error(`the load process ended with ${code}: ${load.stderr()}`);
  const result: LoadResult = JSON.parse(load.stdout());
  const refused = Object.entries(result.statuses).filter(([status]) => Number(status) >= 300);
  if (refused.length > 0) throw new Error(`deliveries were refused: ${JSON.stringify(result.statuses)}`);
  return result;
}
