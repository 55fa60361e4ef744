import { z } from "zod";
import { runForOne, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

const countsSchema = z.object({
  pending: z.number(),
  /** Pending jobs that wait for a host to be allowed. */
  waiting: z.number(),
  /** Those of `pending` that could start now. */
  due: z.number(),
  fetching: z.number(),
  /** Those of `fetching` whose lease has expired. */
  stale: z.number(),
  failed: z.number(),
  expired: z.number(),
});

/** Upload jobs by state. Stored ones are not counted. */
export type RecordingCounts = Readonly<z.output<typeof countsSchema>>;

const HEARTBEAT = sqlFunction("call_ledger.beat", { worker: "text", did: "jsonb" }, z.unknown());
const RECORDING_COUNTS = sqlFunction("call_ledger.recording_counts", {}, countsSchema);

/** Stores the heartbeat of a worker and its counts. `name` begins with `worker:`. Throws DbError. */
export async function sendHeartbeat(
  session: WorkerSession,
  name: string,
  did: Readonly<Record<string, number>>,
): Promise<void> {
  await session.run((sql) => runForOne(sql, HEARTBEAT, { worker: name, did }));
}

/** Counts upload jobs by state. Throws DbError. */
export function countRecordings(session: WorkerSession): Promise<RecordingCounts> {
  return session.run((sql) => runForOne(sql, RECORDING_COUNTS, {}));
}
