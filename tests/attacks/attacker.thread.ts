import { request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

/** The deliveries of one account, as fast as its connections accept them. */
export type Attack = {
  readonly url: string;
  readonly secret: string;
  readonly connections: number;
  /** A body is `before`, a new number, and `after`. */
  readonly before: string;
  readonly after: string;
};

export type AttackResult = {
  /** The number of answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly longestMs: number;
};

const { url, secret, connections, before, after }: Attack = workerData;
const tail = Buffer.from(after);
const statuses: Record<number, number> = {};
let longestMs = 0;
let number = 0;
let isOver = false;

/** Sends one delivery. Resolves with the status after the whole answer. */
function deliver(): Promise<number> {
  number += 1;
  const body = Buffer.concat([Buffer.from(`${before}${number}`), tail]);
  return new Promise((resolve, reject) => {
    const headers = { "x-vapi-secret": secret, "content-length": body.length };
    const sent = request(url, { method: "POST", headers }, (reply) => {
      reply.resume().once("end", () => resolve(reply.statusCode ?? 0));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

async function attack(): Promise<void> {
  while (!isOver) {
    const asked = performance.now();
    const status = await deliver().catch(() => 0);
    longestMs = Math.max(longestMs, performance.now() - asked);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

const attacks = Array.from({ length: connections }, attack);
parentPort?.once("message", async () => {
  isOver = true;
  await Promise.all(attacks);
  parentPort?.postMessage({ statuses, longestMs } satisfies AttackResult);
});
