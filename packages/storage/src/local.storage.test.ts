import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localStorage } from "./local.storage.ts";
import type { ListedObject } from "./object-storage.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "local-storage-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function put(key: string, text: string): Promise<"published" | "exists"> {
  const incoming = await localStorage(folder).begin(key, "audio/wav");
  await incoming.write(Buffer.from(text));
  const outcome = await incoming.publish();
  await incoming.discard();
  return outcome;
}

test("nothing is visible under the key before the object is published, and nothing is left beside it", async () => {
  const incoming = await localStorage(folder).begin("a/one.wav", "audio/wav");
  await incoming.write(Buffer.from("half"));
  expect(existsSync(join(folder, "a/one.wav"))).toBe(false);
  expect(await incoming.publish()).toBe("published");
  await incoming.discard();
  expect(readFileSync(join(folder, "a/one.wav"), "utf8")).toBe("half");
  expect(readdirSync(join(folder, ".incoming"))).toEqual([]);
});

test("an object is never overwritten", async () => {
  expect(await put("a/two.wav", "first")).toBe("published");
  expect(await put("a/two.wav", "second")).toBe("exists");
  expect(readFileSync(join(folder, "a/two.wav"), "utf8")).toBe("first");
});

test("a discarded object is gone", async () => {
  const incoming = await localStorage(folder).begin("a/three.wav", "audio/wav");
  await incoming.write(Buffer.from("half"));
  await incoming.discard();
  expect(existsSync(join(folder, "a/three.wav"))).toBe(false);
  expect(readdirSync(join(folder, ".incoming"))).toEqual([]);
});

test("a part of an object is read, or the whole", async () => {
  await put("a/four.wav", "0123456789");
  const read = async (range?: { from: number; to: number | null }) => {
    const found = await localStorage(folder).read("a/four.wav", range);
    const chunks: Uint8Array[] = [];
    for await (const chunk of found?.chunks ?? []) chunks.push(chunk);
    return [found?.sizeBytes, Buffer.concat(chunks).toString()];
  };
  expect(await read()).toEqual([10, "0123456789"]);
  expect(await read({ from: 2, to: 4 })).toEqual([10, "234"]);
  expect(await read({ from: 7, to: null })).toEqual([10, "789"]);
  expect(await localStorage(folder).read("a/none.wav")).toBeNull();
});

test.each(["../outside.wav", "a/../../outside.wav", "/etc/passwd", ""])(
  "the key %j cannot leave the folder",
  async (key) => {
    await expect(localStorage(folder).begin(key, "audio/wav")).rejects.toMatchObject({
      name: "StorageFault",
    });
    await expect(localStorage(folder).read(key)).rejects.toMatchObject({ name: "StorageFault" });
    await expect(localStorage(folder).remove(key)).rejects.toMatchObject({ name: "StorageFault" });
  },
);

test("files of a killed process are removed when they are old, but not while they may be in use", async () => {
  await put("a/five.wav", "x");
  for (const name of ["old", "young"]) writeFileSync(join(folder, ".incoming", name), "half");
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(join(folder, ".incoming", "old"), longAgo, longAgo);
  await put("a/six.wav", "x");
  expect(readdirSync(join(folder, ".incoming"))).toEqual(["young"]);
});

test("a folder that cannot be created is not reachable", async () => {
  expect(await localStorage(folder).reachable()).toBe(true);
  expect(await localStorage(join(folder, "a/five.wav")).reachable()).toBe(false);
});

const listed = async (prefix: string) => {
  const pages: ListedObject[][] = [];
  for await (const page of localStorage(join(folder, "listed")).list(prefix)) pages.push([...page]);
  return pages;
};

test("a listing has the objects below the prefix with size and time, in small groups, and no unfinished ones", async () => {
  expect(await listed("org/")).toEqual([]);
  const storage = localStorage(join(folder, "listed"));
  const incoming = await storage.begin("org/a/b/one.wav", "audio/wav");
  await incoming.write(Buffer.from("12345"));
  expect(await listed("")).toEqual([]);
  await incoming.publish();
  const [[found] = []] = await listed("org/");
  expect(found).toMatchObject({ key: "org/a/b/one.wav", sizeBytes: 5 });
  expect(Math.abs((found?.modifiedAt ?? 0) - Date.now())).toBeLessThan(60_000);

  for (let copy = 0; copy < 620; copy++) {
    mkdirSync(join(folder, "listed/org", String(copy % 7)), { recursive: true });
    writeFileSync(join(folder, "listed/org", String(copy % 7), `${copy}.wav`), "x");
  }
  const pages = await listed("org/");
  expect(pages.map((page) => page.length)).toEqual([500, 121]);
  expect(new Set(pages.flat().map(({ key }) => key)).size).toBe(621);
});

test("abandoned uploads are removed on request, recent ones are not", async () => {
  const storage = localStorage(join(folder, "abandoned"));
  const forget = (begunBefore: number) =>
    storage.removeAbandoned({ prefix: "org/", begunBefore, isOurs: () => true });
  expect(await forget(Date.now())).toBe(0);
  const incoming = await storage.begin("org/one.wav", "audio/wav");
  await incoming.write(Buffer.from("half"));
  expect(await forget(Date.now() - 60_000)).toBe(0);
  expect(await forget(Date.now() + 60_000)).toBe(1);
  expect(readdirSync(join(folder, "abandoned/.incoming"))).toEqual([]);
  await incoming.discard();
});
