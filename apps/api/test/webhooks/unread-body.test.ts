import { connect } from "node:net";
import { expect, test } from "vitest";
import { message } from "../harness/deliveries.ts";
import { SECRET } from "../harness/running-api.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

type Answer = {
  readonly text: string;
  /** Milliseconds from the request's head to the first byte of the answer. */
  readonly ms: number;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
};

/** Sends a head and a part of its body, and waits for the answer. */
async function ask(headers: readonly string[], body = ""): Promise<Answer> {
  const socket = connect(api.port, "127.0.0.1").on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const startedAt = performance.now();
  const answer = new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(String(bytes))));
  socket.write(["POST /api/webhooks/vapi HTTP/1.1", "host: ledger", ...headers].join("\r\n"));
  socket.write(`\r\n\r\n${body}`);
  const text = await answer;
  return { text, ms: performance.now() - startedAt, closed };
}

const LARGE = "content-length: 5000000";
const PROVEN = `x-vapi-secret: ${SECRET}`;
const MAX_MS = 2_000;

test.each([
  ["no credential", []],
  ["a wrong secret", ["x-vapi-secret: wrong"]],
  ["a wrong bearer", ["authorization: Bearer wrong"]],
  ["an old time", [`x-vapi-signature: ${"0".repeat(64)}`, "x-vapi-timestamp: 1500000000"]],
])("a request with %s is refused before its body comes", async (_name, headers) => {
  for (const length of [LARGE, "content-length: 100", "transfer-encoding: chunked"]) {
    const { text, ms } = await ask([length, ...headers]);
    expect(text).toMatch(/^HTTP\/1\.1 401 .*"title":"Unauthorized"/s);
    expect(ms).toBeLessThan(MAX_MS);
  }
});

test("the refused sender of a large body gets the answer, then its connection is closed although it still sends", async () => {
  const { text, closed } = await ask([LARGE], "x".repeat(200_000));
  expect(text).toMatch(/connection: close/);
  await closed;
});

test("of many refused senders that still send, most connections are closed at once", async () => {
  let closed = 0;
  const answers = await Promise.all(Array.from({ length: 120 }, () => ask([LARGE], "x")));
  for (const one of answers) void one.closed.then(() => (closed += 1));
  // The others are closed after a second.
  await expect.poll(() => closed, { timeout: 700, interval: 20 }).toBeGreaterThanOrEqual(50);
});

test("a small body that is not read leaves its connection in use", async () => {
  const { text } = await ask(["content-length: 4"], "{  }");
  expect(text).toMatch(/connection: keep-alive/i);
});

test("a declared length beyond the limit is refused before the body comes, without a credential too", async () => {
  for (const headers of [[], [PROVEN]]) {
    const { text, ms, closed } = await ask(["content-length: 52428800", ...headers], "{");
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(ms).toBeLessThan(MAX_MS);
    await closed;
  }
});

test("a body in chunks is read up to the limit, and its sender gets the answer", async () => {
  const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
  const { text, closed } = await ask(["transfer-encoding: chunked", PROVEN], chunk.repeat(6));
  expect(text).toMatch(/^HTTP\/1\.1 413 /);
  await closed;
});

test("bodies that come too slowly are given up, while others are received", async () => {
  const slow = Array.from({ length: 20 }, () => ask([LARGE, PROVEN], "{"));
  const small = message("conversation-update", "call-1");
  const other = await ask([`content-length: ${small.length}`, PROVEN], String(small));
  expect(other.text).toMatch(/^HTTP\/1\.1 200 /);
  const answers = await Promise.all(slow);
  const given = answers.map(({ text }) => text.slice(9, 12));
  expect(new Set(given)).toEqual(new Set(["408", "503"]));
  const tooSlow = answers.filter(({ text }) => text.startsWith("HTTP/1.1 408"));
  for (const { text, ms } of tooSlow) {
    expect(text).toMatch(/"title":"Request Timeout"/);
    expect(ms).toBeGreaterThan(4_900);
  }
  for (const { text } of answers)
    if (text.startsWith("HTTP/1.1 503")) expect(text).toMatch(/retry-after: \d+/);
});
