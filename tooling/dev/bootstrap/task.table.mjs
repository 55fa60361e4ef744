import { join } from "node:path";

/**
 * @typedef {object} Task
 * @property {import("./install.step.mjs").Scope} installs a scope smaller than "everything" leaves out packages that
 * only tests and benchmarks need
 * @property {boolean} [usesPnpm] true if the command itself, or a test, runs pnpm
 * @property {boolean} [usesLocalDatabase] true if it uses the database of `npm start` when DATABASE_URL is not set
 * @property {(root: string) => string[][]} commands run one after another; the first word is `node` or an absolute
 * path, and the caller's arguments go to the first command
 */

/**
 * @param {string} root
 * @param {string} name
 */
const bin = (root, name) => join(root, "node_modules/.bin", name);

/** @type {Record<string, Task>} the root scripts of package.json; all of them start here */
export const TASKS = {
  start: {
    installs: "running",
    commands: (root) => [["node", join(root, "tooling/dev/start/start-local.ts")]],
  },
  ops: {
    installs: "running",
    usesLocalDatabase: true,
    commands: (root) => [["node", join(root, "apps/ops/src/start/ops.ts")]],
  },
  worker: {
    installs: "running",
    usesLocalDatabase: true,
    commands: (root) => [["node", join(root, "apps/worker/src/start/worker.ts")]],
  },
  test: {
    installs: "everything",
    usesPnpm: true,
    commands: (root) => [["node", join(root, "node_modules/vitest/vitest.mjs"), "run"]],
  },
  check: {
    installs: "everything",
    usesPnpm: true,
    commands: (root) => [["node", join(root, "tooling/dev/bootstrap/static.checks.mjs")]],
  },
  typecheck: {
    installs: "everything",
    usesPnpm: true,
    commands: (root) => [
      [bin(root, "turbo"), "run", "typecheck", "--continue=always", "--output-logs=errors-only"],
    ],
  },
  lint: { installs: "everything", commands: (root) => [[bin(root, "biome"), "ci"]] },
  format: { installs: "everything", commands: (root) => [[bin(root, "biome"), "check", "--write"]] },
  imports: {
    installs: "everything",
    commands: (root) => [
      [bin(root, "depcruise"), "--config", ".dependency-cruiser.cjs", "apps", "packages", "tests", "tooling"],
      ["node", join(root, "tooling/probes/run.mjs")],
    ],
  },
  functions: {
    installs: "everything",
    commands: (root) => [["node", join(root, "tooling/dev/functions/run-functions.ts")]],
  },
  unused: { installs: "everything", commands: (root) => [[bin(root, "knip")]] },
  build: {
    installs: "building",
    commands: (root) => [["node", join(root, "tooling/build/src/run-build.ts")]],
  },
  "drizzle-kit": { installs: "running", commands: (root) => [[bin(root, "drizzle-kit")]] },
  screenshots: {
    installs: "everything",
    commands: (root) => [
      [
        "node",
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--config",
        join(root, "tests/console/pictures.vitest.config.ts"),
        "--root",
        root,
      ],
    ],
  },
  bench: {
    installs: "everything",
    commands: (root) => [["node", join(root, "tooling/bench/src/run-bench.ts")]],
  },
};
