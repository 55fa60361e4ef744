import { expect, test } from "vitest";
import { channelsNamed } from "./call-event.ts";

test("of some words the known channels are taken, each once and in one order", () => {
  expect(channelsNamed(["stereo", "video"])).toEqual(["stereo"]);
  expect(channelsNamed(["stereo", "mono", "mono"])).toEqual(["mono", "stereo"]);
  expect(channelsNamed([])).toEqual([]);
});
