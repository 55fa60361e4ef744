import { expect, test } from "vitest";
import { runSession } from "../src/bench.session.ts";
import { TINY, TINY_FULL } from "../src/figures/bench.extent.ts";
import { FIGURE_IDS } from "../src/figures/figure.budgets.ts";
import { resultLines } from "../src/result/bench.result.ts";

test("a session measures with durability on, and says what it saw", async () => {
  const said: string[] = [];
  const result = await runSession({
    figures: ["duplicate_vs_first", "cost_1m_vs_10k", "adopt_100k_seconds"],
    extent: TINY,
    say: (line) => said.push(line),
  });
  expect(result.settings).toMatchObject({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  expect(result.postgres).toMatch(/^PostgreSQL 18/);
  expect(result.machine.freeDiskMb).toBeGreaterThan(0);
  expect(result.figures.map(({ id }) => id)).toEqual(["duplicate_vs_first", "adopt_100k_seconds"]);
  const [figure, adoption] = result.figures;
  expect(adoption?.also.rows).toBeGreaterThan(1_000);
  expect(figure?.value).toBeGreaterThan(0);
  expect(figure?.baseline?.value).toBeGreaterThan(0);
  expect(resultLines(result).join("\n")).toMatch(/^duplicate_vs_first +[\d.]+ × +< 0.5/m);
  expect(said).toContain("cost_1m_vs_10k is left out: it needs --full, or a program that is not installed");
}, 120_000);

test("a full session comes to its end with every figure", async () => {
  const { figures } = await runSession({ figures: FIGURE_IDS, extent: TINY_FULL, say: () => undefined });
  const measured = figures.map(({ id }) => id);
  // Without PgBouncer these two are left out, and said to be.
  const needsPooler = new Set(["two_processes_vs_one", "deadlocks"]);
  expect(measured).toEqual(expect.arrayContaining(FIGURE_IDS.filter((id) => !needsPooler.has(id))));
  for (const { id, value } of figures) expect(value, id).toBeGreaterThan(id === "deadlocks" ? -1 : 0);
  const stored = figures.find(({ id }) => id === "stored_per_received");
  expect(stored?.also.calls_in_500_mb).toBeGreaterThan(10_000);
  expect(figures.find(({ id }) => id === "retention_p99_ratio")?.also.old_events).toBe(1_500);
  const twice = figures.find(({ id }) => id === "duplicate_vs_first");
  expect(twice?.also.first_postgres_us).toBeGreaterThan(0);
}, 300_000);
