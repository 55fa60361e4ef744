import { defineConfig } from "vitest/config";

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
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
