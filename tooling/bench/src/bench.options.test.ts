import { expect, test } from "vitest";
import { readBenchOptions } from "./bench.options.ts";
import { FIGURE_IDS } from "./figures/figure.budgets.ts";

test("without arguments all figures of a short run are measured", () => {
  expect(readBenchOptions([])).toEqual({ full: false, figures: FIGURE_IDS, profile: false, out: undefined });
});

test("figures are chosen by id", () => {
  const options = readBenchOptions(["--only", "rss_mb", "--only=ack_p99_ms", "--out", "a.json", "--full"]);
  expect(options).toEqual({ full: true, figures: ["rss_mb", "ack_p99_ms"], profile: false, out: "a.json" });
});

test.each([
  [["--only", "speed"], "there is no figure speed"],
  [["--only", "cost_1m_vs_10k"], "--full"],
  [["--only", "retention_p99_ratio"], "--full"],
  [["--only", "adopt_100k_seconds"], "--full"],
  [["--fast"], "--fast"],
  [["--profile", "--only", "rss_mb"], "--profile measures no figure"],
])("%j is refused", (args, problem) => {
  expect(() => readBenchOptions(args)).toThrow(problem);
});
