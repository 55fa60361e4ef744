import { expect, inject, test } from "vitest";
import { runSession } from "../src/bench.session.ts";
import { TINY_FULL } from "../src/figures/bench.scale.ts";
import { FIGURE_IDS } from "../src/figures/figure.budgets.ts";
import { resultLines } from "../src/result/bench.result.ts";

test("a full session measures every figure with durability on", async () => {
  const result = await runSession({
    figures: FIGURE_IDS,
    scale: TINY_FULL,
    programs: inject("programs"),
    say: () => undefined,
  });
  expect(result.settings).toMatchObject({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  expect(result.postgres).toMatch(/^PostgreSQL 18/);
  expect(result.machine.freeDiskMb).toBeGreaterThan(0);
  const { figures } = result;
  expect(result.failed).toEqual({});
  const measured = figures.map(({ id }) => id);
  // Without PgBouncer these two are not measured, and the session says so.
  const needsPooler = new Set(["two_processes_vs_one", "deadlocks"]);
  expect(measured).toEqual(expect.arrayContaining(FIGURE_IDS.filter((id) => !needsPooler.has(id))));
  const mayBeNone = ["deadlocks", "streams_mb"];
  for (const { id, value } of figures) expect(value, id).toBeGreaterThan(mayBeNone.includes(id) ? -1 : 0);
  const stored = figures.find(({ id }) => id === "stored_per_received");
  expect(stored?.also.calls_in_500_mb).toBeGreaterThan(10_000);
  expect(figures.find(({ id }) => id === "retention_p99_ratio")?.also.old_events).toBe(1_500);
  const adoption = figures.find(({ id }) => id === "adopt_100k_seconds");
  expect(adoption?.also.rows).toBeGreaterThan(1_000);
  const twice = figures.find(({ id }) => id === "duplicate_vs_first");
  expect(twice?.baseline?.value).toBeGreaterThan(0);
  expect(twice?.also.first_postgres_us).toBeGreaterThan(0);
  expect(resultLines(result).join("\n")).toMatch(/^duplicate_vs_first +[\d.]+ × +< 0.5/m);
}, 600_000);
