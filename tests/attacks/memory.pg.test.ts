import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { deliver, message } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { ALONE, SECRET, untilReady } from "@call-ledger/api/testing/running-api";
import type { Server } from "@call-ledger/testkit/process";
import { startServer, until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

/* Resident memory of the api, as production starts it, under bodies that take much of it. */

const PATH = "/api/webhooks/vapi";
/** Resident memory during the attacks, and half a minute after them. The process begins with 100 MB. */
const MAX_MB = 256;
const MAX_KEPT_MB = 160;
const KEPT_AFTER_SECONDS = 30;

let ledger: TestLedger;
let api: Server;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  api = await startServer([inject("programs").api], {
    env: { DATABASE_URL: ledger.database.appUrl, VAPI_WEBHOOK_SECRET: SECRET, ...ALONE },
  });
  await untilReady(api);
});

afterAll(async () => {
  await api.kill();
  await ledger.drop();
});

/** Resident memory in MB. */
function residentMb(): number {
  const status = readFileSync(`/proc/${api.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Resolves with the status, or 0 if the connection was closed before. */
function post(body: Buffer, headers: Readonly<Record<string, string | number>> = {}): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(api.url + PATH, {
      method: "POST",
      headers: { "x-vapi-secret": SECRET, "content-length": body.length, ...headers },
    });
    sent.once("response", (reply) => reply.resume().once("end", () => resolve(reply.statusCode ?? 0)));
    sent.once("error", () => resolve(0));
    sent.end(body);
  });
}

const bodyWith = (field: string): Buffer =>
  Buffer.from(`{"message":{"type":"end-of-call-report","call":{"id":"${randomUUID()}"},${field}}}`);

async function bombs(): Promise<void> {
  const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
  await Promise.all(Array.from({ length: 200 }, () => post(bomb, { "content-encoding": "gzip" })));
}

async function unfinishedUploads(): Promise<void> {
  const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\nx-vapi-secret: ${SECRET}\r\ncontent-length: 5000000\r\n\r\n`;
  const begun = Array.from({ length: 50 }, () => {
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(head);
    socket.write(Buffer.alloc(4_900_000, "a"));
    return socket;
  });
  await delay(2_000);
  for (const socket of begun) socket.destroy();
}

async function largeReports(): Promise<void> {
  const said = "hello ".repeat(815_000);
  await Promise.all(Array.from({ length: 20 }, () => post(bodyWith(`"transcript":"${said}"`))));
}

async function longLists(): Promise<void> {
  const nested = `${"[".repeat(60)}${"]".repeat(60)},`;
  for (const field of [
    `"artifact":{"messages":[${"{},".repeat(1_500_000)}0]}`,
    `"costs":[${"{},".repeat(240_000)}0]`,
    `"analysis":{"x":[${nested.repeat(8_000)}0]}`,
  ]) {
    await Promise.all(Array.from({ length: 8 }, () => post(bodyWith(field))));
  }
}

test("bodies that take much memory are refused or booked within it, and it is given back", async () => {
  let isOver = false;
  let maxMb = 0;
  const watched = (async () => {
    while (!isOver) {
      maxMb = Math.max(maxMb, residentMb());
      await delay(20);
    }
  })();
  for (const attack of [bombs, unfinishedUploads, largeReports, longLists]) await attack();
  isOver = true;
  await watched;
  expect(maxMb).toBeLessThan(MAX_MB);
  await until(() => residentMb() < MAX_KEPT_MB, "memory is given back", KEPT_AFTER_SECONDS);
  const { status } = await deliver(api.url, message("status-update", "small", { status: "ringing" }));
  expect(status).toBe(200);
});
