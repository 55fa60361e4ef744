import { afterAll, beforeAll, expect, test } from "vitest";
import type { ListedObject } from "../src/object-storage.ts";
import { s3Storage } from "../src/s3.storage.ts";
import type { S3Gateway } from "../src/testing/s3-gateway.ts";
import { s3Gateway } from "../src/testing/s3-gateway.ts";
import type { TestStorage } from "../src/testing/storages.ts";
import { s3TestStorage } from "../src/testing/storages.ts";

let server: TestStorage;
let gateway: S3Gateway;

beforeAll(async () => {
  server = await s3TestStorage();
  gateway = await s3Gateway(server);
});

afterAll(async () => {
  await gateway.stop();
  await server.stop();
});

const storage = (overrides: { endpoint?: string; secretAccessKey?: string; bucket?: string } = {}) =>
  s3Storage({
    endpoint: gateway.endpoint,
    bucket: server.config.S3_BUCKET ?? "",
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    ...overrides,
  });

/** The server without the gateway. */
const bare = () => storage({ endpoint: server.config.S3_ENDPOINT ?? "" });

async function put(key: string, text: string): Promise<void> {
  const incoming = await storage().begin(key, "audio/wav");
  await incoming.write(Buffer.from(text));
  expect(await incoming.publish()).toBe("published");
}

async function listed(prefix: string, from = storage()): Promise<ListedObject[]> {
  const found: ListedObject[] = [];
  for await (const page of from.list(prefix)) found.push(...page);
  return found;
}

const removeAbandoned = (begunBefore: number, from = storage()) =>
  from.removeAbandoned({ prefix: "org/", begunBefore, isOurs: (key) => !key.includes("theirs") });

test.each([
  ["server", () => bare()],
  ["gateway", () => storage()],
])("a listing has the objects below the prefix with size and time (list of the %s)", async (whose, open) => {
  const from = open();
  const before = Date.now();
  await put(`${whose}/a.wav`, "12345");
  await put(`beside-${whose}/b.wav`, "1");
  const [found, ...others] = await listed(`${whose}/`, from);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ key: `${whose}/a.wav`, sizeBytes: 5 });
  expect(found?.modifiedAt).toBeGreaterThan(before - 2_000);
  expect(found?.modifiedAt).toBeLessThan(Date.now() + 2_000);
  expect(await listed("none/", from)).toEqual([]);
});

test("a long listing is complete, page by page", async () => {
  const keys = Array.from({ length: 5 }, (_, index) => `long/${index}.wav`);
  for (const key of keys) await put(key, "x");
  const pages: string[][] = [];
  for await (const page of storage().list("long/")) pages.push(page.map(({ key }) => key));
  expect(pages).toEqual([keys.slice(0, 2), keys.slice(2, 4), keys.slice(4)]);
});

test("abandoned uploads are removed; recent ones and those of other programs are not", async () => {
  const begin = async (key: string) => {
    const incoming = await storage().begin(key, "audio/wav");
    // The first part is sent only when the second begins.
    await incoming.write(Buffer.alloc(6 * 1_048_576));
    return incoming;
  };
  for (const key of ["org/1.wav", "org/2.wav", "org/3.wav", "org/theirs.bin", "elsewhere/4.wav"])
    await begin(key);
  expect(await removeAbandoned(Date.now() - 60_000)).toBe(0);
  expect(gateway.uploads()).toHaveLength(5);
  expect(await removeAbandoned(Date.now() + 60_000)).toBe(3);
  expect(gateway.uploads()).toEqual(["elsewhere/4.wav", "org/theirs.bin"]);
});

test("an operation that a service does not offer gives NotOffered, with the service's code and without a key", async () => {
  await expect(removeAbandoned(Date.now(), bare())).rejects.toMatchObject({
    name: "NotOffered",
    message: "ListMultipartUploads: the storage answered HTTP 501, NotImplemented",
  });
  await expect(
    listed("org/", storage({ endpoint: server.config.S3_ENDPOINT ?? "", secretAccessKey: "wrong" })),
  ).rejects.toMatchObject({
    name: "NotOffered",
    message: expect.stringMatching(/^ListObjectsV2: the storage answered HTTP 403/),
  });
});

test.each([
  ["no such bucket", { bucket: "another" }, "HTTP 404"],
  ["nobody there", { endpoint: "http://127.0.0.1:1" }, "does not answer"],
])("%s is a fault, not NotOffered", async (_what, overrides, reason) => {
  const listing = listed("org/", storage({ endpoint: server.config.S3_ENDPOINT ?? "", ...overrides }));
  await expect(listing).rejects.toMatchObject({
    name: "StorageFault",
    reason: expect.stringContaining(reason),
  });
});
