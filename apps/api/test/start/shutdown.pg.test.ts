import { once } from "node:events";
import { connect } from "node:net";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import type { Server } from "@call-ledger/testkit/process";
import { until } from "@call-ledger/testkit/process";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startProcess } from "../harness/api-process.ts";
import { message } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { SECRET } from "../harness/running-api.ts";

let ledger: TestLedger;
let proxy: TcpProxy;
let api: Server;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  proxy = await tcpProxy(ledger.database.appUrl);
});

beforeEach(async () => {
  await proxy.set("pass");
  api = await startProcess(proxy.url);
});

afterEach(async () => {
  api.signal("SIGKILL");
  await api.ended;
});

afterAll(async () => {
  await proxy.stop();
  await ledger.drop();
});

const isStopping = () => until(() => api.output().includes("Stopping"), "the signal has arrived");
const body = (callId: string) => message("status-update", callId, { status: "ringing" });

/**
 * Sends the first part of a request. Resolves when the process has it, which `answer` shows: the part makes the process
 * say it.
 */
async function firstPart(head: string, answer: string) {
  const socket = connect(api.port, "127.0.0.1");
  const ended = once(socket, "close");
  let said = "";
  socket.on("data", (bytes) => {
    said += String(bytes);
  });
  socket.on("error", () => undefined);
  socket.write(head);
  await until(() => said.includes(answer), "the process has the first part");
  return {
    /** Sends the rest. Resolves with what the process says until the connection ends. */
    async finish(rest: string | Uint8Array): Promise<string> {
      said = "";
      socket.write(rest);
      await ended;
      return said;
    },
  };
}

/** Sends a delivery without its body. The process asks for the body: 100 Continue. */
function withoutBody(bytes: Uint8Array) {
  const headers = {
    ...signVapi(bytes, SECRET, Date.now()),
    "content-length": bytes.length,
    expect: "100-continue",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return firstPart(`POST /api/webhooks/vapi HTTP/1.1\r\nhost: x\r\n${lines.join("")}\r\n`, "100 Continue");
}

/** Sends a delivery. Resolves when the process has begun with it. */
async function begun(callId: string): Promise<{ readonly reply: Promise<string> }> {
  const bytes = body(callId);
  const delivery = await withoutBody(bytes);
  return { reply: delivery.finish(bytes) };
}

test("running requests are finished, new ones are refused, and the process exits with 0", async () => {
  await proxy.set("hang");
  const underWay = await Promise.all(Array.from({ length: 5 }, (_, index) => begun(`begun-${index}`)));
  api.signal("SIGTERM");
  await isStopping();
  await expect(fetch(`${api.url}/health/live`)).rejects.toThrow();
  await proxy.set("pass");
  const received = await Promise.all(underWay.map(({ reply }) => reply));
  expect(received.map((reply) => reply.slice(0, 12))).toEqual(Array(5).fill("HTTP/1.1 200"));
  expect(await api.ended).toBe(0);
  expect(api.output()).toContain('"msg":"Stopped"');
  await expect
    .poll(
      () => ledger.sql`select application_name from pg_stat_activity
        where datname = current_database() and application_name in ('call-ledger deliveries', 'call-ledger health', 'call-ledger background')`,
    )
    .toEqual([]);
});

test("a client that is already connected gets an answer, 503 from /health/ready, and then the end of its connection", async () => {
  const bytes = body("half");
  const live = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
  const [delivery, question] = await Promise.all([
    withoutBody(bytes),
    // The answer to the first request shows that the half of the second has come.
    firstPart(`${live}GET /health/ready HTTP/1.1\r\nhost: x\r\n`, "HTTP/1.1 200"),
  ]);
  api.signal("SIGTERM");
  await isStopping();
  const [booked, readiness] = await Promise.all([delivery.finish(bytes), question.finish("\r\n")]);
  expect(booked).toMatch(/^HTTP\/1\.1 200 [\s\S]*connection: close[\s\S]*"outcome":"applied"/i);
  expect(readiness).toMatch(/^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"reason":"stopping"/i);
  expect(await api.ended).toBe(0);
});

// Retried, because another program on the same cores can delay it. A real fault fails each try.
test("a second signal ends the process immediately, with 1", { retry: 2 }, async () => {
  await proxy.set("hang");
  const { reply } = await begun("lost");
  api.signal("SIGINT");
  await isStopping();
  const signaled = performance.now();
  api.signal("SIGINT");
  expect(await api.ended).toBe(1);
  expect(performance.now() - signaled).toBeLessThan(1_000);
  expect(await reply).toBe("");
});

test("a database that hangs delays the stop by at most its deadline", { retry: 2 }, async () => {
  await proxy.set("hang");
  const { reply } = await begun("refused");
  api.signal("SIGTERM");
  expect(await reply).toMatch(/^HTTP\/1\.1 503 /);
  const refused = performance.now();
  expect(await api.ended).toBe(0);
  expect(performance.now() - refused).toBeLessThan(5_000);
});

test.each([
  ["an exception", 'process.on("SIGUSR2", () => { throw new TypeError(["mark", "er"].join("")); })'],
  ["a rejection", 'process.on("SIGUSR2", () => { Promise.reject(new TypeError(["mark", "er"].join(""))); })'],
])(
  "%s that is not caught is logged without its message, and ends the process with 1",
  async (_name, trap) => {
    const failing = await startProcess(proxy.url, {
      NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(trap)}"`,
    });
    failing.signal("SIGUSR2");
    expect(await failing.ended).toBe(1);
    const lines = failing.output().trim().split("\n");
    const told = lines.find((line) => line.includes("CRITICAL")) ?? "{}";
    expect(JSON.parse(told)).toMatchObject({
      level: "error",
      msg: expect.stringMatching(/^CRITICAL/),
      error: "TypeError",
    });
    expect(failing.output()).not.toContain("marker");
  },
);
