import { chmodSync } from "node:fs";
import { join } from "node:path";
import { startCluster } from "@call-ledger/postgres";
import type { TestProject } from "vitest/node";
import { makeRunFolder, removeRunFolder, sweepKilledRuns, THROWAWAY } from "./test-run.folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser's URL of the run's Postgres 18, database `postgres`. */
    readonly postgresUrl: string;
    /** Where this run keeps its clusters. */
    readonly testRunFolder: string;
  }
}

/** One Postgres 18 for the whole run. When it cannot start the run fails: a database test is never skipped. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepKilledRuns();
  const folder = makeRunFolder();
  chmodSync(folder, 0o711);
  const cluster = await startCluster({ folder: join(folder, "18"), settings: THROWAWAY });
  project.provide("postgresUrl", cluster.superuserUrl);
  project.provide("testRunFolder", folder);
  return async () => {
    await cluster.stop();
    await removeRunFolder(folder);
  };
}
