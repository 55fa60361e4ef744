import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { ENCRYPTION_KEY, makeAccount } from "@call-ledger/api/testing/access";
import { message } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { SECRET } from "@call-ledger/api/testing/running-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedApi } from "./attacked-api.ts";
import { startAttacked } from "./attacked-api.ts";
import type { Bystander, Seen } from "./bystander.thread.ts";
import { knownShapes } from "./hostile-shapes.ts";

/** A small instance under all attacks one after another: it stays within its memory, and others get their answers. */

const CGROUP = `/sys/fs/cgroup/memory/attacked-${process.pid}`;
const CGROUP_BYTES = 512 * 1024 * 1024;
/** On an idle machine 257 to 291 MB. */
const MAX_PEAK_MB = 320;
/** On an idle machine 141 to 152 MB. */
const MAX_RSS_AFTER_MB = 170;
/** On an idle machine 166 to 493 ms. */
const MAX_LIVE_MS = 750;
const LASTS_MS = 4_000;
const ACCOUNT_SECRET = "the-bystanders-secret-123";

let ledger: TestLedger;
let api: AttackedApi;
let hasCgroup: boolean;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  api = await startAttacked(ledger.database.appUrl, { ENCRYPTION_KEY, NODE_ENV: "production" });
  hasCgroup = limitMemory(api.pid);
});

afterAll(async () => {
  await api.kill();
  if (hasCgroup) rmdirSync(CGROUP);
  await ledger.drop();
});

/** Puts a process into a memory cgroup. Returns whether the system lets us. */
function limitMemory(pid: number): boolean {
  try {
    mkdirSync(CGROUP);
    writeFileSync(`${CGROUP}/memory.limit_in_bytes`, String(CGROUP_BYTES));
    writeFileSync(`${CGROUP}/cgroup.procs`, String(pid));
    return true;
  } catch {
    return false;
  }
}

/** The highest resident memory of the process since `forgetPeak`, in MB. */
function peakMb(): number {
  const status = readFileSync(`/proc/${api.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function untilMemoryIsBack(): Promise<void> {
  await expect.poll(() => api.rssMb(), { timeout: 30_000, interval: 500 }).toBeLessThan(MAX_RSS_AFTER_MB);
}

function forgetPeak(): void {
  writeFileSync(`/proc/${api.pid}/clear_refs`, "5");
}

const PROVEN = { "x-vapi-secret": SECRET };
const UNPROVEN = { "x-vapi-signature": "0".repeat(64) };

const addressOf = (place: number) => `10.1.${place >> 8}.${place & 255}`;

/** Sends a delivery on a connection of its own. Returns the status; 0 if the connection is closed before. */
function send(place: number, headers: Readonly<Record<string, string>>, body: Buffer): Promise<number> {
  const all = { ...headers, "x-forwarded-for": addressOf(place), "content-length": body.length };
  return new Promise((resolve) => {
    const sent = request(
      `${api.url}/api/webhooks/vapi`,
      { method: "POST", agent: false, headers: all },
      (reply) => {
        const done = () => resolve(reply.statusCode ?? 0);
        reply.resume().once("end", done).once("error", done);
      },
    );
    sent.once("error", () => resolve(0)).end(body);
  });
}

/** Opens connections that send all of a body but its last byte, in pieces, as a network would deliver them. */
async function leaveUnfinished(count: number, credential: string): Promise<void> {
  const piece = Buffer.alloc(65_536, " ");
  const sockets = Array.from({ length: count }, (_, place) => {
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1").on("error", () => undefined);
    const head = ["POST /api/webhooks/vapi HTTP/1.1", "host: ledger", `x-forwarded-for: ${addressOf(place)}`];
    socket.write([...head, credential, "content-length: 5242880", "", ""].join("\r\n"));
    return socket.resume();
  });
  for (let sent = 0; sent < 79; sent += 1) {
    for (const socket of sockets) if (socket.writable && socket.writableLength === 0) socket.write(piece);
    await delay(LASTS_MS / 80);
  }
  for (const socket of sockets) socket.destroy();
}

const COMPRESSIBLE = randomBytes(120_000).toString("hex").concat(" ".repeat(4_900_000));
const BOMBS: readonly (readonly [string, Buffer])[] = [
  ["gzip", gzipSync(COMPRESSIBLE)],
  ["br", brotliCompressSync(COMPRESSIBLE)],
  ["zstd", zstdCompressSync(COMPRESSIBLE)],
];

async function attackInTurn(): Promise<void> {
  await leaveUnfinished(1_000, `x-vapi-signature: ${"0".repeat(64)}`);
  await Promise.all(
    Array.from({ length: 1_000 }, (_, place) => {
      const [coding, bomb] = BOMBS[place % BOMBS.length] ?? ["", Buffer.alloc(0)];
      return send(place, { ...UNPROVEN, "content-encoding": coding }, bomb);
    }),
  );
  await leaveUnfinished(200, `x-vapi-secret: ${SECRET}`);
  const report = message("end-of-call-report", "burst", { transcript: "AI: a\nUser: b\n".repeat(300_000) });
  await Promise.all(Array.from({ length: 100 }, (_, place) => send(place, PROVEN, report)));
  for (const [, body] of knownShapes(4_900_000)) await send(1, PROVEN, body());
}

/** An attempt fails if other programs slow the machine down. A fault fails each attempt. */
const ATTACKS = { timeout: 300_000, retry: 2 };

test("all attacks in turn stay within the memory, and hold up no other account", ATTACKS, async () => {
  const account = await makeAccount(ledger, ACCOUNT_SECRET);
  const workerData: Bystander = { url: api.url, pid: api.pid, account, secret: ACCOUNT_SECRET };
  // An attempt before this one may have failed in the middle of the attacks.
  await untilMemoryIsBack();
  forgetPeak();
  const bystander = new Worker(new URL("./bystander.thread.ts", import.meta.url), { workerData });
  await attackInTurn();
  const told = once(bystander, "message");
  bystander.postMessage("end");
  const [{ booked, others, longestMs }]: [Seen] = (await told) as [Seen];
  await bystander.terminate();

  expect(api.hasEnded()).toBe(false);
  expect(others).toEqual([]);
  expect(booked).toBeGreaterThan(0);
  expect(longestMs).toBeLessThan(MAX_LIVE_MS);
  expect(peakMb()).toBeLessThan(MAX_PEAK_MB);
  await untilMemoryIsBack();
});

/** If one report alone takes longer, the last of four does not get its turn within its time. */
const MAX_ALONE_MS = 1_000;

test("one account can send its largest reports in turn, and four at a time", ATTACKS, async () => {
  const report = (id: string) =>
    message("end-of-call-report", id, { transcript: `${id}\n${"AI: a\nUser: b\n".repeat(300_000)}` });
  // The thread that reads them starts.
  await expect.poll(() => send(1, PROVEN, report("first")), { timeout: 30_000 }).toBe(200);
  let longestMs = 0;
  for (let place = 0; place < 10; place += 1) {
    const begun = performance.now();
    expect(await send(1, PROVEN, report(`turn ${place}`))).toBe(200);
    longestMs = Math.max(longestMs, performance.now() - begun);
  }
  const four = Array.from({ length: 4 }, (_, place) => send(1, PROVEN, report(`at once ${place}`)));
  const refused = (await Promise.all(four)).filter((status) => status !== 200);
  expect(longestMs < MAX_ALONE_MS ? refused : []).toEqual([]);
});
