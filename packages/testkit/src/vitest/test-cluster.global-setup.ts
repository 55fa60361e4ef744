import { chmodSync } from "node:fs";
import { join } from "node:path";
import { startCluster } from "@call-ledger/local-postgres";
import type { TestProject } from "vitest/node";
import { binariesOfMajor, chosenMajor, type PostgresMajor } from "./test-cluster.major.ts";
import { makeRunFolder, removeRunFolder, sweepKilledRuns, THROWAWAY } from "./test-run.folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The superuser's URL of the run's Postgres, database `postgres`. */
    readonly postgresUrl: string;
    /** The major of that Postgres. */
    readonly postgresMajor: PostgresMajor;
    /** The folder of this run's clusters. */
    readonly testRunFolder: string;
  }
}

/**
 * Starts one Postgres for the whole run: 18, or the major in TEST_POSTGRES_MAJOR. If it cannot start, the run fails: a
 * database test is never skipped.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepKilledRuns();
  const folder = makeRunFolder();
  chmodSync(folder, 0o711);
  const major = chosenMajor();
  const cluster = await startCluster({
    folder: join(folder, String(major)),
    ...binariesOfMajor(major),
    settings: THROWAWAY,
  });
  project.provide("postgresUrl", cluster.superuserUrl);
  project.provide("postgresMajor", major);
  project.provide("testRunFolder", folder);
  return async () => {
    await cluster.stop();
    await removeRunFolder(folder);
  };
}
