import { connect } from "node:net";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import type { Server } from "@call-ledger/testkit/process";
import { until } from "@call-ledger/testkit/process";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startProcess } from "../harness/api-process.ts";
import { deliver, message } from "../harness/deliveries.ts";
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

test("running requests are finished, new ones are refused, and the process exits with 0", async () => {
  await proxy.set("hang");
  const underWay = Array.from({ length: 5 }, (_, index) => deliver(api.url, body(`begun-${index}`)));
  await new Promise((resolve) => setTimeout(resolve, 200));
  api.signal("SIGTERM");
  await isStopping();
  await expect(fetch(`${api.url}/health/live`)).rejects.toThrow();
  await proxy.set("pass");
  const received = await Promise.all(underWay);
  expect(received.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await api.ended).toBe(0);
  expect(api.output()).toContain('"msg":"Stopped"');
  await expect
    .poll(
      () => ledger.sql`select application_name from pg_stat_activity
        where datname = current_database() and application_name in ('call-ledger deliveries', 'call-ledger health', 'call-ledger background')`,
    )
    .toEqual([]);
});

/** Sends a part of a request. The rest has not arrived when the process gets the signal to stop. */
function halfSent(head: string): { finish(rest: string | Uint8Array): Promise<string> } {
  const socket = connect(api.port, "127.0.0.1");
  socket.write(head);
  return {
    finish(rest) {
      socket.write(rest);
      return new Promise((resolve) => {
        let said = "";
        socket.on("data", (bytes) => {
          said += String(bytes);
        });
        socket.on("close", () => resolve(said));
      });
    },
  };
}

test("a client that is already connected gets an answer, 503 from /health/ready, and then the end of its connection", async () => {
  const bytes = body("half");
  const headers = Object.entries({ ...signVapi(bytes, SECRET, Date.now()), "content-length": bytes.length });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const delivery = halfSent(`POST /api/webhooks/vapi HTTP/1.1\r\nhost: x\r\n${lines}\r\n`);
  const question = halfSent("GET /health/ready HTTP/1.1\r\nhost: x\r\n");
  await new Promise((resolve) => setTimeout(resolve, 200));
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
  const lost = deliver(api.url, body("lost")).catch(() => "cut off");
  await new Promise((resolve) => setTimeout(resolve, 200));
  api.signal("SIGINT");
  await isStopping();
  const begun = performance.now();
  api.signal("SIGINT");
  expect(await api.ended).toBe(1);
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(await lost).toBe("cut off");
});

test("a database that hangs delays the stop by at most its deadline", { retry: 2 }, async () => {
  await proxy.set("hang");
  const refused = deliver(api.url, body("refused"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  api.signal("SIGTERM");
  expect(await refused).toMatchObject({ status: 503 });
  const begun = performance.now();
  expect(await api.ended).toBe(0);
  expect(performance.now() - begun).toBeLessThan(5_000);
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
