import { expect, test } from "vitest";
import { FIGURE_IDS, isFigureId, judge } from "./figure.budgets.ts";

const measured = (value: number) => ({ value, baseline: null, also: {} });

test("a figure with a minimum meets its budget at the minimum", () => {
  expect(judge("throughput_vs_pgbench", measured(1.5))).toMatchObject({
    met: true,
    budget: ">= 1.5",
    unit: "×",
  });
  expect(judge("throughput_vs_pgbench", measured(1.499)).met).toBe(false);
});

test("a figure that has to stay below a limit misses it at the limit", () => {
  expect(judge("ack_p99_ms", measured(49.9))).toMatchObject({ met: true, budget: "< 50", unit: "ms" });
  expect(judge("ack_p99_ms", measured(50)).met).toBe(false);
});

test("a figure with a maximum of 0 misses its budget at 1", () => {
  expect(judge("deadlocks", measured(0))).toMatchObject({ met: true, budget: "<= 0" });
  expect(judge("deadlocks", measured(1)).met).toBe(false);
});

test("a figure that could not be measured misses its budget", () => {
  for (const id of FIGURE_IDS) expect(judge(id, measured(Number.NaN)).met).toBe(false);
});

test("the names of inherited properties are no figures", () => {
  expect(isFigureId("rss_mb")).toBe(true);
  expect(isFigureId("toString")).toBe(false);
});
