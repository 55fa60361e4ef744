import { randomUUID } from "node:crypto";
import type { Answer } from "@call-ledger/testkit/http";
import { recordingOf, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { systemNetwork } from "../src/egress/network.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

const neighbour = randomUUID();

const setting = useSetting();

beforeAll(async () => {
  await setting.calls.sql`insert into organizations (id, name) values (${neighbour}, 'next door')`;
  setting.host.answer("/switching.wav", switching);
  setting.host.answer("/hinting.wav", hinting);
  setting.host.answer("/dripping.wav", dripping);
  setting.host.answer("/silent.wav", () => undefined);
  setting.host.answer("/endless.wav", endless);
  setting.host.answer("/good.wav", whole(recordingOf(20_000)));
});

beforeEach(async () => {
  await setting.calls.sql`delete from recording_upload_queue`;
});

const HEAD = recordingOf(64);

/** Answers 101 and keeps the connection open. */
const switching: Answer = (request) => {
  request.socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
};

/** Sends answers with the status 103 as fast as the receiver reads, and no other. */
const hinting: Answer = ({ socket }) => {
  const hints = "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n".repeat(1_000);
  const more = () => {
    while (!socket.destroyed && socket.write(hints));
    if (!socket.destroyed) socket.once("drain", more);
  };
  more();
};

/** Sends a byte at intervals. */
const dripping: Answer = (_, response) => {
  response.writeHead(200, { "content-length": 1_000_000 }).write(HEAD);
  const timer = setInterval(() => response.write("."), 200);
  response.once("close", () => clearInterval(timer));
};

/** Sends without end, as fast as the receiver reads. */
const endless: Answer = (_, response) => {
  response.writeHead(200).write(HEAD);
  const timer = setInterval(() => response.write(Buffer.alloc(65_536)), 20);
  response.once("close", () => clearInterval(timer));
};

const queue = (path: string, orgId = setting.calls.orgId) =>
  setting.calls.queue({ sourceUrl: setting.host.url(`${path}?s=1`), orgId });

test.each([
  ["switches protocols, drips and never ends", ["/switching.wav", "/dripping.wav", "/endless.wav"]],
  ["drip", ["/dripping.wav", "/dripping.wav", "/dripping.wav", "/dripping.wav"]],
  ["say nothing", ["/silent.wav", "/silent.wav", "/silent.wav", "/silent.wav"]],
])(
  "while an organization's sources %s, another's recording is stored within 10 s, and the worker stops in time",
  async (_what, paths) => {
    await Promise.all(paths.map((path) => queue(path)));
    const before = setting.host.requests.length;
    const worker = workerFor(setting);
    await until(() => setting.host.requests.length >= before + 2, "two sources are asked");
    const begun = performance.now();
    const good = await queue("/good.wav", neighbour);
    await until(async () => (await setting.calls.rowOf(good)).status === "stored", "it is stored", 10);
    const storedMs = performance.now() - begun;
    const stopping = performance.now();
    await worker.stop(3_000);
    const stopMs = performance.now() - stopping;
    process.stdout.write(`stored after ${storedMs.toFixed(0)} ms, stopped after ${stopMs.toFixed(0)} ms\n`);
    expect(stopMs).toBeLessThan(4_500);
    const rows = await setting.calls.sql`select status from recording_upload_queue where status = 'fetching'`;
    expect(rows).toEqual([]);
  },
  30_000,
);

test.each([
  ["answers 101", "/switching.wav", "The presigned URL answered HTTP 101."],
  ["answers 103 without end", "/hinting.wav", "The presigned URL sends too many informational answers."],
])("a source that %s settles its attempt", async (_what, path, reason) => {
  const call = await queue(path);
  const worker = workerFor(setting);
  const row = await until(async () => {
    const found = await setting.calls.rowOf(call);
    return found.last_error !== null && found;
  }, "the attempt is settled");
  await worker.stop(2_000);
  expect(row).toMatchObject({ status: "pending", attempts: 1, last_error: reason });
});

test("a worker sends heartbeats as long as its uploads progress, and not when they all stand still", async () => {
  const { sql } = setting.calls;
  await sql`delete from background_heartbeats`;
  const heartbeats = async () => {
    const [row] = await sql`select count(*)::int as count,
      coalesce(extract(epoch from clock_timestamp() - max(last_run_at)), 0)::float8 as age from background_heartbeats`;
    return { count: Number(row?.count), age: Number(row?.age) };
  };
  await queue("/silent.wav");
  const worker = workerFor(setting, { timing: { leaseSeconds: 1 } });
  await until(async () => (await heartbeats()).count === 1, "the worker says that it is alive");
  await until(async () => (await heartbeats()).age > 2, "the worker says so no more");
  expect(worker.lines.join()).toContain("Uploads of recordings make no progress");
  await worker.stop(500);
});

test("a worker can stop while a host name's look-up hangs", async () => {
  const call = await queue("/good.wav");
  let isAsked = false;
  const worker = workerFor(setting, {
    network: {
      connect: systemNetwork.connect,
      resolve() {
        isAsked = true;
        return new Promise(() => undefined);
      },
    },
  });
  await until(() => isAsked, "the name is looked up");
  const stopping = performance.now();
  await worker.stop(2_000);
  expect(performance.now() - stopping).toBeLessThan(3_500);
  expect(await setting.calls.rowOf(call)).toMatchObject({ status: "pending", attempts: 0 });
});
