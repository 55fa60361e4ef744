import { expect, test } from "vitest";
import type { Channel } from "./call-event.ts";
import { channelsKept, channelsNamed } from "./call-event.ts";

test("of some words the known channels are taken, each once and in one order", () => {
  expect(channelsNamed(["stereo", "video"])).toEqual(["stereo"]);
  expect(channelsNamed(["stereo", "mono", "mono"])).toEqual(["mono", "stereo"]);
  expect(channelsNamed([])).toEqual([]);
});

test.each<[Channel[], Channel[], Channel[]]>([
  [["mono", "stereo"], ["mono"], ["mono"]],
  [
    ["stereo", "mono"],
    ["mono", "stereo"],
    ["mono", "stereo"],
  ],
  [["mono", "customer", "assistant"], ["customer"], ["customer"]],
  [["stereo"], ["mono"], ["stereo"]],
  [["customer", "stereo"], ["mono"], ["stereo"]],
  [["mono", "customer", "assistant"], ["stereo"], ["mono"]],
  [["assistant", "customer"], ["mono"], ["customer", "assistant"]],
  [["assistant"], ["customer"], ["assistant"]],
  [[], ["mono"], []],
])("of %j with %j wanted %j are kept", (named, wanted, kept) => {
  expect(channelsKept(named, wanted)).toEqual(kept);
});
