import { adopt } from "@call-ledger/db-operator/adopt";
import { vapiEnding } from "@call-ledger/providers";
import { createLegacyTables, fillLegacyTables } from "@call-ledger/testkit/legacy";
import postgres from "postgres";
import type { BenchSetup } from "./bench.setup.ts";

/** The first adoption of a whole legacy database, and a second one that finds nothing to do. */
export type AdoptionMeasurement = {
  readonly seconds: number;
  readonly againSeconds: number;
  readonly rows: number;
};

/** Throws an Error if a row is missing or the second adoption changes anything. */
export async function measureAdoption({ cluster, scale, say }: BenchSetup): Promise<AdoptionMeasurement> {
  const ownerUrl = await cluster.createEmpty("bench_legacy");
  say(`a legacy database with ${scale.adoptedCalls} calls`);
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  await createLegacyTables(sql);
  await fillLegacyTables(sql, { calls: scale.adoptedCalls });
  await sql.end();
  const timed = async () => {
    const from = performance.now();
    const measured = await adopt(ownerUrl, {
      dryRun: false,
      endingNamed: vapiEnding,
      now: Date.now(),
      log: say,
    });
    return { measured, seconds: (performance.now() - from) / 1000 };
  };
  const first = await timed();
  const again = await timed();
  const { moved, unattributed, duplicates, rows } = again.measured;
  const isSame = rows === first.measured.rows && unattributed === first.measured.unattributed;
  if (moved !== 0 || !isSame || unattributed + duplicates !== rows) {
    throw new Error("the second adoption changed something");
  }
  return { seconds: first.seconds, againSeconds: again.seconds, rows };
}
