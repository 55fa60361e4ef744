import { expect, test } from "vitest";
import { measureEach } from "./bench.session.ts";
import { TINY } from "./figures/bench.scale.ts";
import type { BenchSetup } from "./figures/bench.setup.ts";
import { figureMeasurer } from "./figures/measure.figures.ts";

test("a session names the figures that it does not measure, and starts nothing for them", async () => {
  const nothing = new Proxy({} as BenchSetup, {
    get(_, part) {
      if (part === "scale") return { ...TINY, adoptedCalls: 0 };
      throw new Error(`${String(part)} was asked for`);
    },
  });
  const ofFull = ["cost_1m_vs_10k", "retention_p99_ratio", "adopt_100k_seconds"] as const;
  const said: string[] = [];
  expect(await measureEach(ofFull, figureMeasurer(nothing), (line) => said.push(line))).toEqual({
    figures: [],
    failed: {},
  });
  expect(said).toEqual(
    ofFull.map((id) => `${id} is not measured: it needs --full, or a program that is not installed`),
  );
});

test("a figure whose measurement fails is named, and the others are kept", async () => {
  const said: string[] = [];
  const measured = await measureEach(
    ["rss_mb", "cold_start_ms"],
    async (id) => {
      if (id === "rss_mb") throw new Error("the load process ended with 1");
      return { value: 200, baseline: null, also: {} };
    },
    (line) => said.push(line),
  );
  expect(measured.failed).toEqual({ rss_mb: "the load process ended with 1" });
  expect(measured.figures).toMatchObject([{ id: "cold_start_ms", value: 200, met: true }]);
  expect(said).toEqual(["rss_mb failed: the load process ended with 1"]);
});
