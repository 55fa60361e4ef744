import type { IncomingMessage } from "node:http";
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerProcess } from "../servers/server.process.ts";
import { median } from "../statistics/latency.summary.ts";

/** Many streams of one organization's calls in one process. */
export type StreamsMeasurement = {
  readonly streams: number;
  /**
   * The median milliseconds from the request that changes a call to the event on the last stream, of several changes.
   */
  readonly medianMs: number;
  readonly maxMs: number;
  /** Resident memory of the api with the streams open, minus that before, in MB of 10^6 bytes. */
  readonly memoryMb: number;
};

const CHANGES = 10;
const STREAMS_OF_A_KEY = 10;
const MAX_WAIT_MS = 30_000;
const SETTLE_MS = 1_000;

/**
 * `keys` belong to one organization: one key for each ten streams. Throws an Error if a stream ends or misses a change.
 */
export async function measureStreams(
  api: ServerProcess,
  { keys, streams }: { readonly keys: readonly string[]; readonly streams: number },
): Promise<StreamsMeasurement> {
  const url = `http://127.0.0.1:${api.port}/api/v1`;
  const headers = (key: string | undefined) => ({ authorization: `Bearer ${key}` });
  const [call] = await firstCall(url, headers(keys[0]));
  const before = api.residentBytes();
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const received = new Array<number>(streams).fill(0);
  const open: IncomingMessage[] = [];
  for (let stream = 0; stream < streams; stream += 1) {
    const key = keys[Math.floor(stream / STREAMS_OF_A_KEY)];
    const response = await opened(`${url}/calls/stream`, headers(key), agent);
    response.setEncoding("utf8").on("data", (text: string) => {
      received[stream] = (received[stream] ?? 0) + text.split("event: call").length - 1;
    });
    open.push(response);
  }
  try {
    await sleep(SETTLE_MS);
    const memoryMb = Math.max(0, (api.residentBytes() - before) / 1e6);
    const took: number[] = [];
    for (let change = 0; change < CHANGES; change += 1) {
      const already = [...received];
      const begun = performance.now();
      const reply = await fetch(`${url}/calls/${call}`, {
        method: "PATCH",
        headers: { ...headers(keys[0]), "content-type": "application/json" },
        body: JSON.stringify({ note: `Change ${change}` }),
      });
      if (reply.status !== 200) throw new Error(`a change was answered with ${reply.status}`);
      await reply.arrayBuffer();
      while (received.some((count, stream) => count === already[stream])) {
        if (performance.now() - begun > MAX_WAIT_MS) throw new Error("a stream got no event for a change");
        await sleep(1);
      }
      took.push(performance.now() - begun);
    }
    return { streams, medianMs: median(took), maxMs: Math.max(...took), memoryMb };
  } finally {
    for (const response of open) response.destroy();
    agent.destroy();
  }
}

async function firstCall(url: string, headers: Readonly<Record<string, string>>): Promise<string[]> {
  const reply = await fetch(`${url}/calls?limit=1`, { headers });
  const { data }: { data: { id: string }[] } = JSON.parse(await reply.text());
  return data.map(({ id }) => id);
}

function opened(
  url: string,
  headers: Readonly<Record<string, string>>,
  agent: Agent,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`a stream was answered with ${response.statusCode}`));
    }).once("error", reject);
  });
}
