import type { LedgerStatus } from "@call-ledger/db/status";

const DAY_SECONDS = 86_400;
/** A shorter span says more about one checkpoint than about a day. */
const MIN_SPAN_SECONDS = 3_600;

/** Megabytes a day since the oldest size that was noted within a week; `null`: there is none, or not for an hour yet. */
export function growthMbPerDay({
  databaseSizeMb,
  sizeBefore,
}: Pick<LedgerStatus, "databaseSizeMb" | "sizeBefore">): number | null {
  if (sizeBefore === null || sizeBefore.ageSeconds < MIN_SPAN_SECONDS) return null;
  return ((databaseSizeMb - sizeBefore.sizeMb) / sizeBefore.ageSeconds) * DAY_SECONDS;
}
