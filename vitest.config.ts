import { defineConfig } from "vitest/config";
import { LongFirst } from "./packages/testkit/src/vitest/long-first.sequencer.ts";

export default defineConfig({
  test: {
    include: ["{apps,packages,tests,tooling}/**/*.test.ts"],
    globalSetup: [
      "./packages/testkit/src/vitest/test-cluster.global-setup.ts",
      "./tooling/build/src/programs.global-setup.ts",
    ],
    reporters: ["default", "./packages/testkit/src/vitest/left-out.reporter.ts"],
    pool: "forks",
    // A fresh module graph for every file would load the database client anew each time.
    isolate: false,
    // Tests wait for processes, timeouts and the database for a third of their time: three keep two cores busy.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    testTimeout: 120_000,
    // The default of a second is a limit of the machine, not of what is tested.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
  },
});
