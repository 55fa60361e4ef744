import { join } from "node:path";
import { type Cluster, startCluster } from "@call-ledger/local-postgres";
import { inject } from "vitest";
import type {} from "./test-cluster.global-setup.ts";
import { binariesOfMajor, type PostgresMajor } from "./test-cluster.major.ts";
import { THROWAWAY } from "./test-run.folder.ts";

export interface TestCluster {
  /** Superuser's URL, database `postgres`. */
  readonly superuserUrl: string;
}

const started = new Map<number, Promise<Cluster>>();

/**
 * A Postgres of any supported major: the run's own where it is of that major, else one that is started on first use
 * and then shared by the files of one worker. It ends with the worker.
 * @throws Error when its binaries are missing
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
