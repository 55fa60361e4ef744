import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import type { BuiltApps } from "./build.apps.ts";
import { bundle, bundleApps } from "./build.apps.ts";

/** Absolute paths of the programs that tests start. */
export type TestPrograms = BuiltApps & {
  /** A worker that takes all that it works with as an argument: packages/worker/test/harness/worker.process.ts. */
  readonly workerUnderTest: string;
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
 * Bundles the programs as production starts them, once for the run, and again before watched tests run again.
 * Source starts in five times the processor time: docs/adr/0033-tests-start-what-production-starts.md.
 * Comes after the setup that makes the run's folder, which is removed with all that is in it.
 */
export default async function setup(project: TestProject): Promise<void> {
  const folder = join(project.getProvidedContext().testRunFolder, "programs");
  const build = async (): Promise<TestPrograms> => {
    const apps = await bundleApps(folder);
    return { ...apps, workerUnderTest: await bundle(WORKER_UNDER_TEST, folder) };
  };
  project.provide("programs", await build());
  project.onTestsRerun(async () => void (await build()));
}
