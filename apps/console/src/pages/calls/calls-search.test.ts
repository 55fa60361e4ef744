import { describe, expect, test } from "vitest";
import { callsQuery, callsSearch, isFiltered, periodDays, toggled } from "./calls-search.ts";

describe("the URL of the list", () => {
  test("keeps its own parameters and drops others", () => {
    expect(callsSearch({ outcome: "busy,failed", call: "c1", from: "", other: "x", tag: 3 })).toEqual({
      outcome: "busy,failed",
      call: "c1",
    });
  });

  test.each([
    ["+1 (415) 555-0123", { number: "+1 (415) 555-0123" }],
    ["(415) 555", { number: "(415) 555" }],
    ["0123", { number: "0123" }],
    ["refund 24", { q: "refund 24" }],
    ["  Müller ", { q: "Müller" }],
    ["x", {}],
    ["12", { q: "12" }],
  ])("searches for %j as %j", (search, query) => {
    expect(callsQuery({ search, outcome: "failed", call: "c1" })).toEqual({ outcome: "failed", ...query });
  });

  test("has no filter if only the order and the open call are set", () => {
    expect(isFiltered({ sort: "cost", order: "asc", call: "c1" })).toBe(false);
    expect(isFiltered({ tag: "callback" })).toBe(true);
  });
});

test("a choice is added to a list, and removed from it", () => {
  expect(toggled(undefined, "busy")).toBe("busy");
  expect(toggled("busy", "failed")).toBe("busy,failed");
  expect(toggled("busy,failed", "busy")).toBe("failed");
  expect(toggled("busy", "busy")).toBeUndefined();
});

describe("periods are days of the organization's calendar", () => {
  // 03:30 UTC on March 9 is still March 8 in Chicago.
  const now = new Date("2026-03-09T03:30:00Z");

  test.each([
    ["today", "America/Chicago", { from: "2026-03-08" }],
    ["yesterday", "America/Chicago", { from: "2026-03-07", to: "2026-03-08" }],
    ["7", "America/Chicago", { from: "2026-03-02" }],
    ["today", "UTC", { from: "2026-03-09" }],
    ["month", "UTC", { from: "2026-03-01" }],
    ["last_month", "UTC", { from: "2026-02-01", to: "2026-03-01" }],
  ] as const)("%s in %s", (period, zone, days) => {
    expect(periodDays(period, zone, now)).toEqual(days);
  });
});
