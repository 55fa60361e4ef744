import type { QuarantineCut } from "@call-ledger/db/jobs";
import { capQuarantine, dropQuarantined, quarantineAges } from "@call-ledger/db/jobs";
import { inBatches, untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const MEGABYTE = 1_048_576;
/**
 * The share of the database's limit for the waiting deliveries of one provider account, so that a missing agent cannot
 * fill the database.
 */
const ACCOUNTS_SHARE = 0.1;
const OLDEST_DAYS = 1;

/**
 * Watches the quarantine. Deletes deliveries PAYLOAD_RETENTION_DAYS after their replay, and deliveries that have waited
 * for EVENT_RETENTION_DAYS. If the waiting deliveries of an account exceed their share, deletes the oldest ones beyond
 * it.
 */
export const quarantineAge: HousekeepingJob = {
  name: "quarantine_age",
  everySeconds: 600,
  async run({ session, limits, signal, now }) {
    const bounds = {
      replayedBefore: now() - limits.payloadRetentionDays * DAY_MS,
      receivedBefore: now() - limits.eventRetentionDays * DAY_MS,
    };
    const outlived = await untilNoneIsLeft((max) => dropQuarantined(session, { ...bounds, max }), signal);

    const maxBytes = Math.floor(limits.databaseLimitMb * MEGABYTE * ACCOUNTS_SHARE);
    const cut = { payloads: 0, deliveries: 0 };
    await inBatches(async (max) => {
      const { payloads, deliveries } = await capQuarantine(session, { maxBytes, max });
      cut.payloads += payloads;
      cut.deliveries += deliveries;
      return { dropped: payloads + deliveries, done: payloads + deliveries === 0 };
    }, signal);

    const { waiting, oldestSeconds, replayed } = await quarantineAges(session);
    const oldestDays = oldestSeconds === null ? null : Number((oldestSeconds / DAY_SECONDS).toFixed(2));
    return {
      result: {
        waiting,
        oldest_days: oldestDays,
        replayed,
        outlived_dropped: outlived,
        payloads_cut: cut.payloads,
        deliveries_cut: cut.deliveries,
      },
      changed: outlived + cut.payloads + cut.deliveries,
      alert: alertOf(cut, waiting, oldestDays),
    };
  },
};

function alertOf(cut: QuarantineCut, waiting: number, oldestDays: number | null): string | null {
  if (cut.payloads + cut.deliveries > 0) {
    return (
      `CRITICAL: the quarantine has outgrown its share of the database: ${cut.deliveries} deliveries and ` +
      `${cut.payloads} payloads were removed; ops quarantine list shows what is missing`
    );
  }
  if (oldestDays === null || oldestDays < OLDEST_DAYS) return null;
  const wait = waiting === 1 ? "delivery waits" : "deliveries wait";
  return `${waiting} ${wait} in quarantine, the oldest for ${Math.floor(oldestDays)} days: ops quarantine list shows why`;
}
