import { expect, test } from "vitest";
import { alarmWords } from "./words.ts";

test("the figures of an alarm have separators", () => {
  expect(alarmWords("signatures_refused", { refused: 1_500, accepted: 1_230 })).toBe(
    "1,500 deliveries were refused within an hour (401), 1,230 accepted.",
  );
  expect(alarmWords("calls_overdue", { calls: 12_345 })).toBe("12,345 calls have no end or no report.");
  expect(alarmWords("no_deliveries", { seconds: 7_300, usual_calls: 1_000 })).toMatch(
    /2 hours; .* 1,000 or more/,
  );
});
