import { expect, test } from "vitest";
import { runSession } from "../src/bench.session.ts";
import { TINY } from "../src/figures/bench.extent.ts";
import { resultLines } from "../src/result/bench.result.ts";

test("a session measures with durability on, says what it saw, and leaves nothing behind", async () => {
  const said: string[] = [];
  const result = await runSession({
    figures: ["duplicate_vs_first", "cost_1m_vs_10k", "retention_p99_ratio"],
    extent: TINY,
    say: (line) => said.push(line),
  });
  expect(result.settings).toMatchObject({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  expect(result.postgres).toMatch(/^PostgreSQL 18/);
  expect(result.figures.map(({ id }) => id)).toEqual(["duplicate_vs_first", "retention_p99_ratio"]);
  const [figure, retention] = result.figures;
  expect(retention?.also).toMatchObject({ old_events: 1_500 });
  expect(retention?.value).toBeGreaterThan(0);
  expect(figure?.value).toBeGreaterThan(0);
  expect(figure?.baseline?.value).toBeGreaterThan(0);
  expect(resultLines(result).join("\n")).toMatch(/^duplicate_vs_first +[\d.]+ × +< 0.5/m);
  expect(said).toContain("cost_1m_vs_10k is left out: it needs --full, or a program that is not installed");
}, 60_000);
