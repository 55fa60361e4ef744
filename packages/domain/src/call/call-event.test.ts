import { expect, test } from "vitest";
import type { Channel } from "./call-event.ts";
import { channelsKept, channelsNamed } from "./call-event.ts";

test("the known channels among some words are returned once each and in a fixed order", () => {
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
])("the report names %j, the agent wants %j: %j are kept", (named, wanted, kept) => {
  expect(channelsKept(named, wanted)).toEqual(kept);
});
