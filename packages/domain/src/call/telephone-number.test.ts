import { expect, it } from "vitest";
import { telephoneRank } from "./telephone-number.ts";

it.each([
  ["+12025550143", 2],
  ["+2", 2],
  ["(202) 555-0162", 1],
  ["+1 202 555 0162", 1],
  ["911", 1],
  ["0", 0],
  ["00", 0],
  ["+", 0],
  ["-", 0],
  ["+266696687", 0],
  ["7378742833", 0],
  ["anonymous", 0],
  ["sip:+12025550143@pbx.test", 0],
])("ranks %s as %i", (text, rank) => expect(telephoneRank(text)).toBe(rank));
