import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { message, send } from "../harness/deliveries.ts";
import { NO_DATABASE, SECRET, startApi } from "../harness/running-api.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

const LIMIT = 5 * 1024 * 1024;

/** Chatter of exactly so many bytes. */
function chatter(bytes: number): Buffer {
  const frame = message("conversation-update", "call-1", { text: "" }).length;
  return message("conversation-update", "call-1", { text: "x".repeat(bytes - frame) });
}

/** Chatter of about so many bytes whose text compresses like JSON. */
function varied(bytes: number): Buffer {
  const text = Array.from({ length: bytes / 4 }, (_, index) => (index * 7_919).toString(36)).join(" ");
  const frame = message("conversation-update", "call-1", { text: "" }).length;
  return message("conversation-update", "call-1", { text: text.slice(0, bytes - frame) });
}

/** A low quality: the default one takes ten seconds, in which idle connections end. */
const brotli = (body: Buffer) =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });

function post(body: Buffer | ReadableStream<Uint8Array>, headers: Readonly<Record<string, string>> = {}) {
  const init = {
    method: "POST",
    // Compression blocks this process for longer than its idle connections live.
    headers: { connection: "close", "x-vapi-secret": SECRET, ...headers },
    body,
    duplex: "half",
  } as const;
  return send(api.url, init);
}

function inChunks(body: Buffer): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= body.length) return controller.close();
      controller.enqueue(body.subarray(sent, sent + 65_536));
      sent += 65_536;
    },
  });
}

test("a body of the limit is read, and one with one byte more is not", async () => {
  expect((await post(chatter(LIMIT))).status).toBe(200);
  expect(await post(chatter(LIMIT + 1))).toMatchObject({ status: 413, json: { title: "Content Too Large" } });
});

test("the limit holds without a declared length", async () => {
  expect((await post(inChunks(chatter(LIMIT)))).status).toBe(200);
  expect((await post(inChunks(chatter(LIMIT + 1)))).status).toBe(413);
});

test("the limit holds for a sender who is not verified", async () => {
  expect((await post(chatter(6_000_000), { "x-vapi-secret": "wrong" })).status).toBe(413);
});

test.each([
  ["gzip", (body: Buffer) => gzipSync(body, { level: 1 })],
  ["deflate", (body: Buffer) => deflateSync(body, { level: 1 })],
  ["br", brotli],
  ["zstd", (body: Buffer) => zstdCompressSync(body)],
])("the limit holds for the inflated size with %s", async (coding, compress) => {
  const headers = { "content-encoding": coding };
  const [packed, overLimit] = [compress(varied(LIMIT)), compress(varied(LIMIT + 1))];
  expect(overLimit.length).toBeLessThan(LIMIT);
  expect((await post(packed, headers)).status).toBe(200);
  expect((await post(overLimit, headers)).status).toBe(413);
});

test.each([
  ["gzip", (body: Buffer) => gzipSync(body, { level: 1 })],
  ["deflate", (body: Buffer) => deflateSync(body, { level: 1 })],
  ["br", brotli],
  ["zstd", (body: Buffer) => zstdCompressSync(body)],
])("a body that %s inflates to more than 50 times its size is refused", async (coding, compress) => {
  const bomb = compress(chatter(LIMIT));
  expect(bomb.length).toBeLessThan(LIMIT / 50);
  expect((await post(bomb, { "content-encoding": coding })).status).toBe(413);
  expect((await post(compress(chatter(60_000)), { "content-encoding": coding })).status).toBe(200);
});

test("compressed bodies that come at once wait for room to be inflated", async () => {
  const packed = gzipSync(varied(LIMIT), { level: 1 });
  const answers = Array.from({ length: 8 }, () => post(packed, { "content-encoding": "gzip" }));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
});

test("another limit can be set", async () => {
  const small = await startApi(NO_DATABASE, { BODY_LIMIT_MB: "1" });
  try {
    const init = { method: "POST", headers: { "x-vapi-secret": SECRET }, body: chatter(1024 * 1024 + 1) };
    expect((await send(small.url, init)).status).toBe(413);
  } finally {
    await small.stop();
  }
});
