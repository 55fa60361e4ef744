import { connect } from "node:net";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { METRICS_TOKEN, scrape } from "../harness/scrape.ts";
import { useApi } from "../harness/use-api.ts";

const { api } = useApi({ METRICS_TOKEN });

/** Everything that the server sends until it closes the connection. */
function exchange(...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(api.port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => undefined).on("close", () => resolve(text));
    for (const piece of pieces) socket.write(piece);
  });
}

function read(text: string) {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const id = /^x-request-id: (\S+)$/im.exec(head)?.[1];
  return { status: Number(head.split(" ")[1]), head: head.toLowerCase(), id, body: JSON.parse(body) };
}

const POST = "POST /api/webhooks/vapi HTTP/1.1\r\nhost: ledger\r\n";
const CHUNKED = `${POST}x-signature: ${"0".repeat(64)}\r\ntransfer-encoding: chunked\r\n\r\n`;

test.each([
  ["no HTTP at all", 400, ["hello\r\n\r\n"]],
  ["a chunk without a length", 400, [CHUNKED, "ZZ\r\n"]],
  ["two lengths", 400, [`${POST}content-length: 1\r\ncontent-length: 2\r\n\r\n`]],
  ["a chunk with a long extension", 413, [CHUNKED, `1;${"x".repeat(20_000)}\r\n`]],
  ["no Host header", 400, ["GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n"]],
  ["headers of 20 KB", 431, [`GET / HTTP/1.1\r\nhost: x\r\nx-a: ${"a".repeat(20_000)}\r\n\r\n`]],
  ["a request for a tunnel", 400, ["CONNECT 127.0.0.1:5432 HTTP/1.1\r\nhost: x\r\n\r\n"]],
  [
    "another expectation",
    417,
    ["GET /health/live HTTP/1.1\r\nhost: x\r\nexpect: tea\r\nconnection: close\r\n\r\n"],
  ],
])("%s gets %i as a problem with a request id", async (_what, status, pieces) => {
  const reply = read(await exchange(...pieces));
  expect(reply).toMatchObject({ status, body: { type: "about:blank", status } });
  expect(reply.head).toContain("content-type: application/problem+json");
  expect(reply.head).toContain("x-content-type-options: nosniff");
  expect(reply.id).toMatch(/^[\w-]{36}$/);
});

test("malformed requests are counted, and logged without their content", async () => {
  const before = api.lines.length;
  for (let count = 0; count < 20; count += 1) await exchange("marker\r\n\r\n");
  await until(() => api.lines.slice(before).some((line) => line.includes("no HTTP")), "a line is written");
  const lines = api.lines.slice(before).filter((line) => line.includes("no HTTP"));
  expect(lines.length).toBeLessThanOrEqual(5);
  expect(api.lines.join("")).not.toContain("marker");
  const samples = await scrape(api.url);
  const counted = samples.get('call_ledger_malformed_requests_total{status="400"}');
  expect(counted).toBeGreaterThanOrEqual(23);
});
