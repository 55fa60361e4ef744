import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import type { BuiltApps } from "./build.apps.ts";
import { bundle, bundleApps } from "./build.apps.ts";
import { buildConsole } from "./console.build.ts";

/** Absolute paths of the programs that tests start, and of the pages that a browser loads from them. */
export type TestPrograms = BuiltApps & {
  /** A worker that gets all its settings as an argument: packages/worker/test/harness/worker.process.ts. */
  readonly workerUnderTest: string;
  /** The folder with the pages of the console. */
  readonly console: string;
};

declare module "vitest" {
  interface ProvidedContext {
    readonly programs: TestPrograms;
    readonly testRunFolder: string;
  }
}

const WORKER_UNDER_TEST = {
  folder: "worker-under-test",
  program: "worker.mjs",
  entries: {
    main: fileURLToPath(new URL("../../../packages/worker/test/harness/worker.process.ts", import.meta.url)),
  },
};

/**
 * Bundles the programs as production starts them and builds the console, once for the run, and again before watched
 * tests run again. The console is copied, so that no other build empties the folder that a test reads. A start from
 * sources takes five times the processor time (docs/adr/0033-bundles-in-tests.md). This setup comes
 * after the one that makes the folder of the run, which is removed with its content.
 */
export default async function setup(project: TestProject): Promise<void> {
  const folder = join(project.getProvidedContext().testRunFolder, "programs");
  const build = async (): Promise<TestPrograms> => {
    const [apps, built] = await Promise.all([bundleApps(folder), buildConsole()]);
    const console = join(folder, "console");
    cpSync(built, console, { recursive: true });
    return { ...apps, workerUnderTest: await bundle(WORKER_UNDER_TEST, folder), console };
  };
  project.provide("programs", await build());
  project.onTestsRerun(async () => void (await build()));
}
