import { expect, test } from "vitest";
import { freeBytes } from "./free-bytes.ts";

test("a chunk that is alone in its buffer is freed", () => {
  const chunk = new Uint8Array(65_536).fill(7);
  freeBytes(chunk);
  expect([chunk.length, chunk.buffer.byteLength]).toEqual([0, 0]);
});

test.each([
  ["the beginning", 0, 100],
  ["the end", 100, 200],
])("a chunk that is %s of a buffer is not freed, and neither is its neighbour", (_what, from, to) => {
  const whole = new Uint8Array(200).fill(7);
  const chunk = whole.subarray(from, to);
  freeBytes(chunk);
  expect(chunk).toEqual(new Uint8Array(100).fill(7));
  expect(whole).toEqual(new Uint8Array(200).fill(7));
});
