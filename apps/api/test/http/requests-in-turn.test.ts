import type { RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { requestsInTurn } from "../../src/http/requests-in-turn.ts";

/** Sends so many requests at once to a server that answers each after a moment. Returns what came back. */
async function pipelined(requests: number, maxWaiting: number): Promise<{ text: string; atOnce: number }> {
  let atOnce = 0;
  const open = new Set<ServerResponse>();
  const text = await answersOf(requests, maxWaiting, (req, res) => {
    open.add(res);
    atOnce = Math.max(atOnce, open.size);
    res.once("finish", () => open.delete(res));
    setImmediate(() => res.end(req.url));
  });
  return { text, atOnce };
}

async function answersOf(requests: number, maxWaiting: number, app: RequestListener): Promise<string> {
  const server = createServer(requestsInTurn(app, maxWaiting));
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  const socket = connect(typeof address === "object" && address !== null ? address.port : 0);
  let text = "";
  socket.on("data", (bytes) => {
    text += String(bytes);
    if (text.endsWith(`/${requests - 1}`)) socket.end();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const lines = Array.from({ length: requests }, (_, place) => `GET /${place} HTTP/1.1\r\nhost: x\r\n\r\n`);
  socket.on("error", () => undefined).write(lines.join(""));
  await closed;
  await new Promise((resolve) => server.close(resolve));
  return text;
}

test("pipelined requests are answered one after the other", async () => {
  const { text, atOnce } = await pipelined(2_000, 2_000);
  expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2_000);
  expect(atOnce).toBe(1);
});

test("a connection that sends too many requests without waiting is closed", async () => {
  const { text } = await pipelined(2_000, 100);
  expect(text).not.toContain("/1999");
});

test("other connections have their turn between two requests, also if answers are taken at once", async () => {
  let answered = 0;
  const atTurns: number[] = [];
  const turn = () => {
    atTurns.push(answered);
    if (answered < 100) setImmediate(turn);
  };
  await answersOf(100, 100, (req, res) => {
    if (answered === 0) setImmediate(turn);
    answered += 1;
    res.end(req.url);
  });
  const inOneTurn = atTurns.map((count, place) => count - (atTurns[place - 1] ?? 0));
  expect(Math.max(...inOneTurn)).toBeLessThanOrEqual(2);
});
