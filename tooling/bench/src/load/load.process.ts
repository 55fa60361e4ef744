import { summarizeLatencies } from "../statistics/latency.summary.ts";
import { readTraffic } from "../traffic/traffic.file.ts";
import type { LoadJob, LoadResult } from "./load.job.ts";
import { runClosedLoop, runOpenLoop } from "./load.loops.ts";
import { openSender, signedDelivery } from "./signed.delivery.ts";

/*
 * Runs one job from the command line in a process of its own. Prints the result as a line of JSON on standard output.
 */

const job: LoadJob = JSON.parse(process.argv[2] ?? "");
process.stdout.write(`${JSON.stringify(await run(job))}\n`);

async function run({ ports, path, secret, trafficFile, range, cycle, pace }: LoadJob): Promise<LoadResult> {
  const bodies = readTraffic(trafficFile, range);
  const signedAt = Date.now();
  const deliveries = bodies.map((body) => signedDelivery(path, body, secret, signedAt));
  const each = Math.ceil(pace.connections / ports.length);
  const senders = ports.map((port) => openSender(port, each));

  let sent = 0;
  let bytesSent = 0;
  const next = () => {
    const place = cycle ? sent % deliveries.length : sent;
    const delivery = deliveries[place];
    if (delivery !== undefined) {
      sent += 1;
      bytesSent += bodies[place]?.length ?? 0;
    }
    return delivery;
  };

  const startedAt = performance.now();
  const countedFrom = startedAt + (pace.loop === "closed" ? pace.warmupSeconds * 1000 : 0);
  const until = countedFrom + pace.seconds * 1000;
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  let accepted = 0;
  let lastAt = countedFrom;
  const record = {
    answered(status: number, dueAt: number, answeredAt: number) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      // If a server is so slow that its first answer comes too late, that answer is counted.
      const isLate = pace.loop === "closed" && answeredAt > until && latencies.length > 0;
      if (answeredAt < countedFrom || isLate) return;
      if (status < 300) accepted += 1;
      latencies.push(answeredAt - dueAt);
      lastAt = answeredAt;
    },
  };
  const { connections } = pace;
  // If no answer came within the time, the loop goes on until there is one.
  const isOver = () => performance.now() >= until && latencies.length > 0;
  if (pace.loop === "closed") await runClosedLoop(senders, next, record, { connections, isOver });
  else await runOpenLoop(senders, next, record, pace);
  await Promise.all(senders.map((sender) => sender.close()));

  if (latencies.length === 0) throw new Error("the traffic was used up before an answer was counted");
  const seconds = (lastAt - countedFrom) / 1000;
  const acceptedPerSecond = accepted / seconds;
  return {
    accepted,
    seconds,
    acceptedPerSecond,
    sent,
    bytesSent,
    statuses,
    latency: summarizeLatencies(latencies),
  };
}
