import type { Socket } from "node:net";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { s3Storage } from "../src/index.ts";

/* The storage belongs to the operator, but what answers under its name may be broken. No answer may hold a worker. */

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A storage whose server answers each connection with `answer`. */
async function answering(answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket)));
    socket.once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ended.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const endpoint = `http://127.0.0.1:${address.port}`;
  const bucket = { endpoint, region: "us-east-1", bucket: "b", accessKeyId: "a", secretAccessKey: "s" };
  return { storage: s3Storage(bucket), open: () => sockets.size };
}

const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";

test("an answer that switches the protocol is a fault of the storage", async () => {
  const { storage } = await answering((socket) => socket.write(SWITCHED));
  await expect(storage.read("k")).rejects.toMatchObject({ kind: "storage" });
  expect(await storage.reachable()).toBe(false);
}, 10_000);

test("a connection that is closed without an answer is a fault of the storage", async () => {
  const { storage } = await answering((socket) => socket.end());
  await expect(storage.read("k")).rejects.toMatchObject({ kind: "storage" });
}, 10_000);

test("a refusal that never ends does not keep its connection", async () => {
  const { storage, open } = await answering((socket) => {
    socket.write("HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n");
    const timer = setInterval(() => socket.write("1\r\nx\r\n"), 50);
    socket.once("close", () => clearInterval(timer));
  });
  await expect(storage.read("k")).rejects.toMatchObject({ kind: "storage" });
  await expect.poll(open).toBe(0);
}, 10_000);

test("a redirect is a fault of the storage, and is not followed", async () => {
  const { storage, open } = await answering((socket) =>
    socket.end("HTTP/1.1 307 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"),
  );
  await expect(storage.read("k")).rejects.toThrow("HTTP 307");
  expect(open()).toBeLessThanOrEqual(1);
}, 10_000);
