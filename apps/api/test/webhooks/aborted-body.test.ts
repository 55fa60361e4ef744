import { connect } from "node:net";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

/** Headers in the form of a signature. Without them the body would not be read. */
const HEAD = `POST /api/webhooks/vapi HTTP/1.1\r\nhost: ledger\r\nx-signature: ${"0".repeat(64)}\r\n`;
const requests = () => api.lines.filter((line) => line.includes('"msg":"request"'));

test("a sender that closes the connection within the body costs one log line and nothing else", async () => {
  const socket = connect(api.port, "127.0.0.1");
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(`${HEAD}content-length: 1000\r\n\r\n{"message"`);
  await new Promise<void>((resolve) => socket.write(":", () => resolve()));
  // When a second connection gets its answer, the server has begun to read the first one.
  await fetch(`${api.url}/health/live`);
  const before = requests().length;
  socket.destroy();
  await until(() => requests().length > before, "the request is logged");
  const line = JSON.parse(requests().at(-1) ?? "{}");
  expect(line).toMatchObject({ route: "/api/webhooks/vapi", outcome: "aborted" });
  expect(line).not.toHaveProperty("status");
  expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  expect(api.lines.filter((candidate) => candidate.includes('"level":"error"'))).toEqual([]);
});

test("a malformed chunked body is a bad request of the sender", async () => {
  const socket = connect(api.port, "127.0.0.1");
  const answer = new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(String(bytes))));
  socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\nZZ\r\n`);
  expect(await answer).toMatch(/^HTTP\/1\.1 400/);
  expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
});
