import { expect, test } from "vitest";
import { runSession } from "../src/bench.session.ts";
import { TINY } from "../src/figures/bench.extent.ts";
import { resultLines } from "../src/result/bench.result.ts";

test("a session measures with durability on, says what it saw, and leaves nothing behind", async () => {
  const said: string[] = [];
  const result = await runSession({
    figures: ["duplicate_vs_first", "cost_1m_vs_10k", "adopt_100k_seconds"],
    extent: TINY,
    say: (line) => said.push(line),
  });
  expect(result.settings).toMatchObject({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  expect(result.postgres).toMatch(/^PostgreSQL 18/);
  expect(result.figures.map(({ id }) => id)).toEqual(["duplicate_vs_first", "adopt_100k_seconds"]);
  const [figure, adoption] = result.figures;
  expect(adoption?.also.rows).toBeGreaterThan(1_000);
  expect(figure?.value).toBeGreaterThan(0);
  expect(figure?.baseline?.value).toBeGreaterThan(0);
  expect(resultLines(result).join("\n")).toMatch(/^duplicate_vs_first +[\d.]+ × +< 0.5/m);
  expect(said).toContain("cost_1m_vs_10k is left out: it needs --full, or a program that is not installed");
}, 60_000);
