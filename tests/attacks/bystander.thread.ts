import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

/** Sends small deliveries of an account, and asks whether the process lives, while others attack it. */
export type Bystander = {
  readonly url: string;
  /** The process id of the api. */
  readonly pid: number;
  readonly account: string;
  readonly secret: string;
};

export type Seen = {
  /** The number of deliveries that were booked. */
  readonly booked: number;
  /** The answers to the other deliveries and to `/health/live`; 0: none. */
  readonly others: readonly number[];
  /**
   * The longest time until `/health/live` was answered, in milliseconds, without the time in which the api and this
   * thread waited for a processor.
   */
  readonly longestMs: number;
};

const DELIVER_MS = 100;
const ASK_MS = 50;

const { url, pid, account, secret }: Bystander = workerData;
const agent = new Agent({ keepAlive: true });
const others: number[] = [];
let booked = 0;
let longestMs = 0;
let isOver = false;

function send(path: string, options: object, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(`${url}${path}`, options, (reply) => {
      reply.resume().once("end", () => resolve(reply.statusCode ?? 0));
    });
    sent.once("error", () => resolve(0)).end(body);
  });
}

/** How long the main thread of the api and this thread have waited for a processor; 0 if the system does not say. */
function waitedMs(): number {
  try {
    const files = [`/proc/${pid}/task/${pid}/schedstat`, "/proc/thread-self/schedstat"];
    const [api = 0, own = 0] = files.map((file) => Number(readFileSync(file, "utf8").split(" ")[1]));
    return (api + own) / 1e6;
  } catch {
    return 0;
  }
}

async function ask(): Promise<void> {
  while (!isOver) {
    const begun = performance.now() - waitedMs();
    const status = await send("/health/live", { agent: false }, "");
    longestMs = Math.max(longestMs, performance.now() - waitedMs() - begun);
    if (status !== 200) others.push(status);
    await delay(ASK_MS);
  }
}

async function deliver(place: number): Promise<void> {
  const call = { id: `bystander-${place}` };
  const body = JSON.stringify({ message: { type: "status-update", status: "ringing", call } });
  const headers = { "x-vapi-secret": secret, "x-forwarded-for": "9.9.9.9", "content-length": body.length };
  const status = await send(`/api/webhooks/vapi/${account}`, { method: "POST", agent, headers }, body);
  if (status === 200) booked += 1;
  else others.push(status);
}

async function deliverAll(): Promise<void> {
  const sent: Promise<void>[] = [];
  while (!isOver) {
    sent.push(deliver(sent.length));
    await delay(DELIVER_MS);
  }
  await Promise.all(sent);
}

const done = Promise.all([ask(), deliverAll()]);
parentPort?.once("message", async () => {
  isOver = true;
  await done;
  parentPort?.postMessage({ booked, others, longestMs } satisfies Seen);
});
