import { expect, test } from "vitest";
import { resultWords } from "./result-words.ts";

test("counts of zero are left out, and every other value has words", () => {
  expect(resultWords({ removed: 2, removed_bytes: 3_412_000, unknown: 0, not_offered: null })).toEqual({
    facts: [
      { name: "removed", text: "2 removed" },
      { name: "removed_bytes", text: "3.4 MB freed" },
    ],
    alert: null,
  });
  expect(resultWords({ size_mb: 12.3 }).facts).toEqual([{ name: "size_mb", text: "12.3 MB" }]);
  expect(resultWords({ events_dropped: 0, kept_days: 400 }).facts).toEqual([]);
  expect(resultWords(null)).toEqual({ facts: [], alert: null });
});

test("a job's warning is apart, and a new name is shown as it is", () => {
  expect(resultWords({ waiting: 1, alert: "CRITICAL: full", brand_new: 1_200 })).toEqual({
    facts: [
      { name: "waiting", text: "1 waiting" },
      { name: "brand_new", text: "brand new 1,200" },
    ],
    alert: "CRITICAL: full",
  });
});
