import { afterAll, beforeAll, expect, test } from "vitest";
import { s3Storage } from "../src/s3.storage.ts";
import type { TestStorage } from "../src/testing/storages.ts";
import { s3TestStorage } from "../src/testing/storages.ts";

let server: TestStorage;

beforeAll(async () => {
  server = await s3TestStorage();
});

afterAll(() => server.stop());

function storage(overrides: { bucket?: string; secretAccessKey?: string; endpoint?: string } = {}) {
  const { S3_ENDPOINT, S3_BUCKET } = server.config;
  return s3Storage({
    endpoint: S3_ENDPOINT ?? "",
    bucket: S3_BUCKET ?? "",
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    ...overrides,
  });
}

async function put(key: string, bytes: Uint8Array, target = storage()): Promise<"published" | "exists"> {
  const incoming = await target.begin(key, "audio/wav");
  await incoming.write(bytes);
  return incoming.publish();
}

test("an object is never overwritten", async () => {
  expect(await put("a/one.wav", Buffer.from("first"))).toBe("published");
  expect(await put("a/one.wav", Buffer.from("second"))).toBe("exists");
  expect(await textOf("a/one.wav")).toEqual([5, "first"]);
});

test("a part of an object is read, or the whole; a missing object is null", async () => {
  await put("a/two.wav", Buffer.from("0123456789"));
  expect(await textOf("a/two.wav")).toEqual([10, "0123456789"]);
  expect(await textOf("a/two.wav", { from: 2, to: 4 })).toEqual([10, "234"]);
  expect(await textOf("a/two.wav", { from: 7, to: null })).toEqual([10, "789"]);
  expect(await storage().read("a/none.wav")).toBeNull();
});

test("an object that is discarded half-way leaves nothing", async () => {
  const incoming = await storage().begin("a/three.wav", "audio/wav");
  await incoming.write(Buffer.alloc(6 * 1_048_576));
  await incoming.discard();
  expect(await storage().read("a/three.wav")).toBeNull();
});

test("a removed object is gone, and removing it again succeeds", async () => {
  await put("a/four.wav", Buffer.from("x"));
  await storage().remove("a/four.wav");
  await storage().remove("a/four.wav");
  expect(await storage().read("a/four.wav")).toBeNull();
});

test("a bucket that answers is reachable; one that is missing, closed or absent is not", async () => {
  expect(await storage().reachable()).toBe(true);
  expect(await storage({ bucket: "another" }).reachable()).toBe(false);
  expect(await storage({ secretAccessKey: "wrong" }).reachable()).toBe(false);
  expect(await storage({ endpoint: "http://127.0.0.1:1" }).reachable()).toBe(false);
});

test.each([
  ["the wrong key", { secretAccessKey: "wrong" }, "the storage answered HTTP 403"],
  ["no such bucket", { bucket: "another" }, "the storage answered HTTP 404, NoSuchBucket"],
  ["nobody there", { endpoint: "http://127.0.0.1:1" }, "the storage does not answer"],
])("%s gives an error in words, without the key", async (_what, overrides, reason) => {
  const putting = put("a/five.wav", Buffer.from("x"), storage(overrides));
  await expect(putting).rejects.toMatchObject({
    name: "StorageFault",
    reason: expect.stringContaining(reason),
  });
});

async function textOf(key: string, range?: { from: number; to: number | null }) {
  const found = await storage().read(key, range);
  const chunks: Uint8Array[] = [];
  for await (const chunk of found?.chunks ?? []) chunks.push(chunk);
  return [found?.sizeBytes, Buffer.concat(chunks).toString()];
}
