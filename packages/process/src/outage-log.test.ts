import { expect, test } from "vitest";
import { outageLog } from "./outage-log.ts";

test("the first failure of an outage is logged, without the error's message", () => {
  const lines: unknown[] = [];
  const log = outageLog({ warn: (fields, text) => void lines.push([fields, text]) }, "It does not work");
  const failure = new RangeError("+4915112345678");
  for (const end of [log.failed, log.failed, log.worked, log.worked, log.failed]) end(failure);
  const line = [expect.objectContaining({ error: "RangeError" }), "It does not work"];
  expect(lines).toEqual([line, line]);
  expect(JSON.stringify(lines)).not.toContain("4915");
});
