import { defineConfig } from "vitest/config";

const members = ["apps/*", "packages/*", "tooling/*"];

export default defineConfig({
  test: {
    include: members.flatMap((member) => [`${member}/src/**/*.test.ts`, `${member}/test/**/*.test.ts`]),
    globalSetup: ["./tooling/vitest/src/test-cluster.global-setup.ts"],
    reporters: ["default", "./tooling/vitest/src/left-out.reporter.ts"],
    pool: "forks",
    // A fresh module graph for every file would load the database client anew each time.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
