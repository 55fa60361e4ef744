import {
  existsSync,
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

test("nothing can be seen under the key before the object is published, and nothing is left beside it", async () => {
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

test("what is discarded is gone", async () => {
  const incoming = await localStorage(folder).begin("a/three.wav", "audio/wav");
  await incoming.write(Buffer.from("half"));
  await incoming.discard();
  expect(existsSync(join(folder, "a/three.wav"))).toBe(false);
  expect(readdirSync(join(folder, ".incoming"))).toEqual([]);
});

test("a part is read, or the whole", async () => {
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
    await expect(localStorage(folder).begin(key, "audio/wav")).rejects.toMatchObject({ kind: "storage" });
    await expect(localStorage(folder).read(key)).rejects.toMatchObject({ kind: "storage" });
    await expect(localStorage(folder).remove(key)).rejects.toMatchObject({ kind: "storage" });
  },
);

test("what a killed process left is swept when it is old, and not when it may be in use", async () => {
  await put("a/five.wav", "x");
  for (const name of ["old", "young"]) writeFileSync(join(folder, ".incoming", name), "half");
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(join(folder, ".incoming", "old"), longAgo, longAgo);
  await put("a/six.wav", "x");
  expect(readdirSync(join(folder, ".incoming"))).toEqual(["young"]);
});

test("a folder that cannot be made is not reachable", async () => {
  expect(await localStorage(folder).reachable()).toBe(true);
  expect(await localStorage(join(folder, "a/five.wav")).reachable()).toBe(false);
});
