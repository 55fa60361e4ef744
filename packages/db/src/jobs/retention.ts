import type { WorkerSession } from "./worker-session.ts";

/** Where in the order of their booking a retention stands, as Postgres writes it: milliseconds would lose a part. */
export type RetentionMark = string;

/** Before everything that was ever booked. */
export const FROM_THE_BEGINNING: RetentionMark = "-infinity";

/** The next events to work on: booked after the mark and before the time (ms since 1970), about `most`. */
export type RetentionBatch = {
  readonly after: RetentionMark;
  readonly before: number;
  readonly most: number;
};

export type RetentionStep = {
  readonly dropped: number;
  readonly reached: RetentionMark;
  /** Nothing is left before the time. */
  readonly done: boolean;
};

/** Empties payloads of old events; the events stay. One short transaction. Throws DbError. */
export function dropPayloads(session: WorkerSession, batch: RetentionBatch): Promise<RetentionStep> {
  return step(session, "drop_payloads", batch);
}

/** Deletes old events, and with them the guard against booking them again. One short transaction. Throws DbError. */
export function dropEvents(session: WorkerSession, batch: RetentionBatch): Promise<RetentionStep> {
  return step(session, "drop_events", batch);
}

/**
 * Deletes at most `most` quarantined deliveries: replayed before one time, or received before another (ms since 1970).
 * Throws DbError.
 */
export async function dropQuarantined(
  session: WorkerSession,
  { replayedBefore, receivedBefore, most }: Record<"replayedBefore" | "receivedBefore" | "most", number>,
): Promise<number> {
  const [row] = await session.run((sql) =>
    sql.unsafe(
      "select call_ledger.drop_quarantined($1::text::timestamptz, $2::text::timestamptz, $3::int) as dropped",
      [iso(replayedBefore), iso(receivedBefore), most],
    ),
  );
  return Number(row?.dropped);
}

async function step(
  session: WorkerSession,
  drop: "drop_payloads" | "drop_events",
  { after, before, most }: RetentionBatch,
): Promise<RetentionStep> {
  const [row] = await session.run((sql) =>
    sql.unsafe(
      `select s.dropped, s.reached::text as reached, s.reached = $2::text::timestamptz as done
       from call_ledger.${drop}($1::text::timestamptz, $2::text::timestamptz, $3::int) s`,
      [after, iso(before), most],
    ),
  );
  return { dropped: Number(row?.dropped), reached: String(row?.reached), done: row?.done === true };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
