import { startApi } from "../servers/api.server.ts";
import type { BenchSetup } from "./bench.setup.ts";

/** Returns the milliseconds from the spawn of the api to its first 200 of `/health`, one number per start. */
export async function measureColdStarts({
  say,
  scale,
  program,
  createLedger,
}: BenchSetup): Promise<number[]> {
  say("cold starts");
  const { appUrl } = await createLedger();
  const starts: number[] = [];
  for (let index = 0; index < scale.coldStarts; index += 1) {
    const api = await startApi(program, appUrl, "/health");
    starts.push(api.readyAfterMs);
    await api.stop();
  }
  return starts;
}
