import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { compareObject, s3Storage } from "../src/index.ts";
import { s3Text } from "../src/s3.request.ts";

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
  return { bucket, storage: s3Storage(bucket), open: () => sockets.size };
}

const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n";

test("an answer that switches the protocol is a fault of the storage", async () => {
  const { storage } = await answering((socket) => socket.write(SWITCHED));
  await expect(storage.read("k")).rejects.toMatchObject({ name: "StorageFault" });
  expect(await storage.reachable()).toBe(false);
}, 10_000);

test("a connection that is closed without an answer is a fault of the storage", async () => {
  const { storage } = await answering((socket) => socket.end());
  await expect(storage.read("k")).rejects.toMatchObject({ name: "StorageFault" });
}, 10_000);

test("a refusal that never ends does not keep its connection", async () => {
  const { storage, open } = await answering((socket) => {
    socket.write("HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n");
    const timer = setInterval(() => socket.write("1\r\nx\r\n"), 50);
    socket.once("close", () => clearInterval(timer));
  });
  await expect(storage.read("k")).rejects.toMatchObject({ name: "StorageFault" });
  await expect.poll(open, { timeout: 5_000 }).toBe(0);
}, 10_000);

test("a redirect is a fault of the storage, and is not followed", async () => {
  const { storage, open } = await answering((socket) =>
    socket.end("HTTP/1.1 307 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"),
  );
  await expect(storage.read("k")).rejects.toThrow("HTTP 307");
  expect(open()).toBeLessThanOrEqual(1);
}, 10_000);

test.each([
  ["an answer", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n"],
  ["a head", "HTTP/1.1 200 OK\r\nx: ", "x"],
  ["a row of interim answers", "", "HTTP/1.1 102 Processing\r\n\r\n"],
])(
  "%s that comes slowly and without end is a fault of the storage",
  async (_, first, more) => {
    const { bucket, open } = await answering((socket) => {
      socket.write(first);
      const timer = setInterval(() => socket.write(more), 20);
      socket.once("close", () => clearInterval(timer));
    });
    await expect(s3Text(bucket, { method: "DELETE", key: "k" }, 300)).rejects.toMatchObject({
      name: "StorageFault",
    });
    await expect.poll(open, { timeout: 5_000 }).toBe(0);
  },
  10_000,
);

const CONTENT = "the recording";
const EXPECTED = {
  path: "k",
  sizeBytes: CONTENT.length,
  sha256: createHash("sha256").update(CONTENT).digest(),
};
const withLength = (length: number, body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${body}`;

test.each([
  ["the same", CONTENT, "same"],
  ["of the same length", CONTENT.replace("t", "T"), "different"],
  ["too short", CONTENT.slice(1), "different"],
  ["too long", `${CONTENT} `, "different"],
])("an object that is %s is compared by its bytes", async (_, body, result) => {
  const { storage } = await answering((socket) => socket.end(withLength(body.length, body)));
  expect(await compareObject(storage, EXPECTED)).toBe(result);
});

test("an object that never ends is different", async () => {
  const { storage, open } = await answering((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const timer = setInterval(() => socket.write("4\r\nmore\r\n"), 20);
    socket.once("close", () => clearInterval(timer));
  });
  expect(await compareObject(storage, EXPECTED)).toBe("different");
  await expect.poll(open, { timeout: 5_000 }).toBe(0);
}, 10_000);

test("an object that is shorter than its declared length is a fault of the storage", async () => {
  const { storage } = await answering((socket) => socket.end(withLength(CONTENT.length, CONTENT.slice(3))));
  await expect(compareObject(storage, EXPECTED)).rejects.toMatchObject({ name: "StorageFault" });
});
