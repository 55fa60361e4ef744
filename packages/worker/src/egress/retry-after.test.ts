import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.UTC(2026, 2, 12, 15);

test.each([
  ["7", 7_000],
  [" 120 ", 120_000],
  ["999999999", 86_400_000],
  ["Thu, 12 Mar 2026 15:00:30 GMT", 30_000],
  ["Thu, 12 Mar 2026 14:00:00 GMT", null],
  ["0", null],
  ["-5", null],
  ["soon", null],
  [undefined, null],
])("%s", (header, wait) => {
  expect(retryAfterMs(header, now)).toBe(wait);
});
