import { expect, test } from "vitest";
import { reconnectSeconds } from "./reconnect.ts";

test("pauses grow to a second, are never long, and differ", () => {
  const pauses = (failures: number) => Array.from({ length: 200 }, () => reconnectSeconds(failures));
  expect(Math.max(...pauses(0))).toBeLessThanOrEqual(0.1);
  for (const failures of [10, 2_000]) {
    const seen = pauses(failures);
    expect([Math.min(...seen) >= 0.5, Math.max(...seen) <= 1]).toEqual([true, true]);
    expect(new Set(seen).size).toBeGreaterThan(100);
  }
});
