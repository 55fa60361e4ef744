import { join } from "node:path";
import { type Cluster, startCluster } from "@call-ledger/local-postgres";
import { inject } from "vitest";
import type {} from "./test-cluster.global-setup.ts";
import { binariesOfMajor, type PostgresMajor } from "./test-cluster.major.ts";
import { THROWAWAY } from "./test-run.folder.ts";

export type TestCluster = {
  /** The superuser's URL, database `postgres`. */
  readonly superuserUrl: string;
};

const started = new Map<number, Promise<Cluster>>();

/**
 * Returns a Postgres of any supported major: the run's own one if it has this major, otherwise one that is started on
 * first use and shared by the files of one worker. That one ends with the worker.
 * @throws Error if its binaries are missing
 */
export async function testCluster(major: PostgresMajor): Promise<TestCluster> {
  if (major === inject("postgresMajor")) return { superuserUrl: inject("postgresUrl") };
  const known = started.get(major);
  if (known) return known;
  const folder = join(inject("testRunFolder"), `${major}-${process.pid}`);
  const starting = startCluster({ folder, ...binariesOfMajor(major), settings: THROWAWAY });
  started.set(major, starting);
  return starting;
}
