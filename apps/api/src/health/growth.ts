import type { LedgerStatus } from "@call-ledger/db/status";

const DAY_SECONDS = 86_400;
/** In a shorter span, one checkpoint of Postgres changes the size more than the deliveries do. */
const MIN_SPAN_SECONDS = 3_600;

/** Megabytes a day since the oldest size noted within a week; `null`: no size was noted, or none is an hour old. */
export function growthMbPerDay({
  databaseSizeMb,
  sizeBefore,
}: Pick<LedgerStatus, "databaseSizeMb" | "sizeBefore">): number | null {
  if (sizeBefore === null || sizeBefore.ageSeconds < MIN_SPAN_SECONDS) return null;
  return ((databaseSizeMb - sizeBefore.sizeMb) / sizeBefore.ageSeconds) * DAY_SECONDS;
}
