import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followFile, followStream } from "../src/deploy/watch/follow-log.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "follow-log-"));
  path = join(folder, "server.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("earlier lines are skipped, and an unfinished line waits", async () => {
  writeFileSync(path, "before\n");
  const log = await followFile(path);
  expect(await log.newLines()).toEqual([]);
  appendFileSync(path, "one\ntwo\nhal");
  expect(await log.newLines()).toEqual(["one", "two"]);
  appendFileSync(path, Buffer.from("f \u00fcber\n").subarray(0, 3));
  expect(await log.newLines()).toEqual([]);
  appendFileSync(path, Buffer.from("f \u00fcber\n").subarray(3));
  expect(await log.newLines()).toEqual(["half \u00fcber"]);
  await log[Symbol.asyncDispose]();
});

test("a rotated file is read to its end, and the new one from its start", async () => {
  writeFileSync(path, "");
  const log = await followFile(path);
  appendFileSync(path, "last of the old\n");
  renameSync(path, `${path}.1`);
  expect(await log.newLines()).toEqual(["last of the old"]);
  appendFileSync(`${path}.1`, "one more\n");
  writeFileSync(path, "first of the new\n");
  expect(await log.newLines()).toEqual(["one more", "first of the new"]);
  appendFileSync(path, "second\n");
  expect(await log.newLines()).toEqual(["second"]);
  await log[Symbol.asyncDispose]();
});

test("a truncated file is read from its start again", async () => {
  writeFileSync(path, "a long line that was there before\n");
  const log = await followFile(path);
  truncateSync(path);
  appendFileSync(path, "anew\n");
  expect(await log.newLines()).toEqual(["anew"]);
  await log[Symbol.asyncDispose]();
});

test("a missing file is waited for", async () => {
  const log = await followFile(path);
  expect(await log.newLines()).toEqual([]);
  writeFileSync(path, "x\n".repeat(100_000));
  expect(await log.newLines()).toHaveLength(100_000);
  await log[Symbol.asyncDispose]();
  await expect(followFile(folder).then((one) => one.newLines())).rejects.toThrow("EISDIR");
});

test("a stream is read as it comes", async () => {
  const stream = new PassThrough();
  const log = followStream(stream);
  stream.write("one\ntw");
  await new Promise(setImmediate);
  expect(await log.newLines()).toEqual(["one"]);
  stream.end("o\n");
  await new Promise((resolve) => stream.once("end", resolve));
  expect(await log.newLines()).toEqual(["two"]);
  await log[Symbol.asyncDispose]();
});
