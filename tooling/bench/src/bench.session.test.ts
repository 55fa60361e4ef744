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
  expect(await measureEach(ofFull, figureMeasurer(nothing), (line) => said.push(line))).toEqual([]);
  expect(said).toEqual(
    ofFull.map((id) => `${id} is not measured: it needs --full, or a program that is not installed`),
  );
});
