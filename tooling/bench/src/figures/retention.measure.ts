import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { prefillCalls } from "../ledger/calls.prefill.ts";
import type { LoadResult } from "../load/load.job.ts";
import { startApi } from "../servers/api.server.ts";
import { median } from "../statistics/latency.summary.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { CONNECTIONS, closedLoop } from "./bench.setup.ts";

/** p99 of acknowledgements at a steady rate in milliseconds: the median of the rounds without and during retention. */
export type RetentionMeasurement = {
  readonly without: number;
  readonly during: number;
  /** The worst round during retention. */
  readonly worst: number;
  readonly events: number;
  /** The duration of retention. */
  readonly seconds: number;
  readonly ratePerSecond: number;
};

/** The approximate size of a delivery of the traffic in the database, compressed. */
const PAYLOAD_BYTES = 1_200;
const EVENTS_A_CALL = 5;
/** Gives each round of a test some deliveries, even on a busy machine. */
const MIN_PER_SECOND = 10;

/**
 * Sends deliveries at a steady rate before, during and after retention removes payloads, and then events, from a ledger
 * of old calls. The operator's command runs retention, with the same code as a worker. All rounds have the same length.
 */
export async function measureRetention(bench: BenchSetup): Promise<RetentionMeasurement> {
  const { retainedCalls, retentionRounds, openSeconds, warmupSeconds, maxSteadyPerSecond } = bench.scale;
  const ledger = await bench.createLedger();
  bench.say(`a ledger of ${retainedCalls * EVENTS_A_CALL} old events`);
  await prefillCalls(ledger.sql, 0, retainedCalls, PAYLOAD_BYTES);
  const api = await startApi(bench.program, ledger.appUrl, "/health/ready");
  let from = 0;
  const send = async (pace: Parameters<BenchSetup["load"]>[2]): Promise<LoadResult> => {
    const result = await bench.load([api.port], { from }, pace);
    from += result.sent;
    return result;
  };
  try {
    const { acceptedPerSecond } = await send(closedLoop(warmupSeconds, warmupSeconds));
    // At most half of the greatest rate.
    const ratePerSecond = Math.min(maxSteadyPerSecond, Math.max(MIN_PER_SECOND, acceptedPerSecond / 2));
    const pace = { loop: "open", connections: 4 * CONNECTIONS, seconds: openSeconds, ratePerSecond } as const;
    const round = async () => {
      const { sent, latency } = await send(pace);
      if (sent < Math.floor(ratePerSecond * openSeconds)) throw new Error("the traffic was used up");
      return latency.p99;
    };
    const without: number[] = [];
    const during: number[] = [];
    bench.say(`${ratePerSecond.toFixed(0)} deliveries a second without retention`);
    for (let index = 0; index < retentionRounds; index += 1) without.push(await round());
    bench.say("the same during retention");
    const retention = runRetention(bench.opsProgram, ledger.ownerUrl);
    const startedAt = performance.now();
    while (!retention.isOver()) during.push(await round());
    const seconds = (performance.now() - startedAt) / 1000;
    await retention.ended;
    const [left] = await ledger.sql`select count(*)::int as old from processed_webhook_events
      where created_at < now() - interval '1 day'`;
    if (left?.old !== 0) throw new Error(`retention has left ${left?.old} old events`);
    bench.say("and without it again");
    for (let index = 0; index < retentionRounds; index += 1) without.push(await round());
    return {
      without: median(without),
      during: median(during),
      worst: Math.max(...during),
      events: retainedCalls * EVENTS_A_CALL,
      seconds,
      ratePerSecond,
    };
  } finally {
    await api.stop();
  }
}

/** Keeps one day: all filled-in events are older, all sent ones are younger. */
function runRetention(
  program: string,
  ownerUrl: string,
): { isOver(): boolean; readonly ended: Promise<void> } {
  const env = { DATABASE_URL: ownerUrl, PAYLOAD_RETENTION_DAYS: "1", EVENT_RETENTION_DAYS: "1" };
  const args = [program, "housekeeping", "run", "payload_retention", "event_retention", "--json"];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const output = text(child.stdout);
  let over = false;
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", async (code) => {
      over = true;
      if (code === 0) resolve();
      else reject(new Error(`retention ended with ${code}: ${await output}`));
    });
  });
  // A failure is thrown when the promise is awaited, after the current round.
  ended.catch(() => undefined);
  return { isOver: () => over, ended };
}
