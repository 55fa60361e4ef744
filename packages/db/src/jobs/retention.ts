import { z } from "zod";
import { runForOne, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

/** A place in the order of booking, as Postgres writes a time. Milliseconds would lose a part of it. */
export type RetentionMark = string;

/** The place before every event. */
export const FROM_THE_BEGINNING: RetentionMark = "-infinity";

/** Selects the next events: booked after the mark and before the time (ms since 1970), about `max`. */
export type RetentionBatch = {
  readonly after: RetentionMark;
  readonly before: number;
  readonly max: number;
};

export type RetentionStep = {
  readonly dropped: number;
  readonly reached: RetentionMark;
  /** Whether nothing is left before the time. */
  readonly done: boolean;
};

const BATCH = { after: "timestamptz", before: "timestamptz", most: "integer" } as const;
const stepSchema = z.object({ dropped: z.number(), reached: z.string() });
const DROP_PAYLOADS = sqlFunction("call_ledger.drop_payloads", BATCH, stepSchema);
const DROP_EVENTS = sqlFunction("call_ledger.drop_events", BATCH, stepSchema);
const DROP_QUARANTINED = sqlFunction(
  "call_ledger.drop_quarantined",
  { replayedBefore: "timestamptz", receivedBefore: "timestamptz", most: "integer" },
  z.number(),
);

/** Empties payloads of old events; the events stay. One short transaction. Throws DbError. */
export function dropPayloads(session: WorkerSession, batch: RetentionBatch): Promise<RetentionStep> {
  return step(session, DROP_PAYLOADS, batch);
}

/** Deletes old events, and with them the guard against booking them again. One short transaction. Throws DbError. */
export function dropEvents(session: WorkerSession, batch: RetentionBatch): Promise<RetentionStep> {
  return step(session, DROP_EVENTS, batch);
}

/**
 * Deletes at most `max` quarantined deliveries: replayed before one time, or received before another (ms since 1970).
 * Throws DbError.
 */
export function dropQuarantined(
  session: WorkerSession,
  { max, ...limits }: Record<"replayedBefore" | "receivedBefore" | "max", number>,
): Promise<number> {
  return session.run((sql) => runForOne(sql, DROP_QUARANTINED, { ...limits, most: max }));
}

async function step(
  session: WorkerSession,
  drop: typeof DROP_EVENTS,
  { max, ...range }: RetentionBatch,
): Promise<RetentionStep> {
  const { dropped, reached } = await session.run((sql) => runForOne(sql, drop, { ...range, most: max }));
  return { dropped, reached, done: Date.parse(reached) === range.before };
}
