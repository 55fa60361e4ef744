import { expect, test } from "vitest";
import { FIGURE_IDS, isFigureId, judge } from "./figure.budgets.ts";

const measured = (value: number) => ({ value, baseline: null, also: {} });

test("what has to be at least so much is met by exactly that", () => {
  expect(judge("throughput_vs_pgbench", measured(1.5))).toMatchObject({
    met: true,
    budget: ">= 1.5",
    unit: "×",
  });
  expect(judge("throughput_vs_pgbench", measured(1.499)).met).toBe(false);
});

test("what has to stay below is missed by exactly that", () => {
  expect(judge("ack_p99_ms", measured(49.9))).toMatchObject({ met: true, budget: "< 50", unit: "ms" });
  expect(judge("ack_p99_ms", measured(50)).met).toBe(false);
});

test("what must not happen is missed by once", () => {
  expect(judge("deadlocks", measured(0))).toMatchObject({ met: true, budget: "<= 0" });
  expect(judge("deadlocks", measured(1)).met).toBe(false);
});

test("what could not be measured is missed", () => {
  for (const id of FIGURE_IDS) expect(judge(id, measured(Number.NaN)).met).toBe(false);
});

test("words that every object knows are no figures", () => {
  expect(isFigureId("rss_mb")).toBe(true);
  expect(isFigureId("toString")).toBe(false);
});
