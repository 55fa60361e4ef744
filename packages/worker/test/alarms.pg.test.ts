import { existsSync } from "node:fs";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { ALARM_CONDITIONS, runbookOf } from "@call-ledger/domain";
import { expect, test } from "vitest";
import type { Settings } from "./harness/alarm-ledger.ts";
import { DAY, HOUR, MINUTE, NOW, useAlarmLedger } from "./harness/alarm-ledger.ts";

const ledger = useAlarmLedger();
const { orgId, channelId, evaluate, newsOf, callAt, counts, recordingAt, compared } = ledger;

type Case = {
  /** Makes the condition hold at a moment. It is called again a day later. */
  cause(moment: number): Promise<unknown>;
  cure?(): Promise<unknown>;
  /** The settings while the condition holds. */
  settings?: (bytes: number) => Settings;
};

const FAULT = "call.in-progress.error-vapifault-worker-died";

/** All conditions, with the cause of each. */
const CASES: Record<(typeof ALARM_CONDITIONS)[number], Case> = {
  no_deliveries: {
    async cause(moment) {
      if (moment > NOW) return;
      for (let week = 0; week < 6; week += 1) {
        for (let call = 0; call < 6; call += 1)
          await callAt(NOW - 7 * DAY * week - HOUR + call * 10 * MINUTE);
      }
      await callAt(NOW - 60 * DAY);
      await ledger.sql`delete from calls where created_at > ${new Date(NOW - DAY)}`;
      await counts(NOW - HOUR, { accepted: 5 });
    },
    cure: () => counts(NOW + DAY, { accepted: 1 }),
  },
  signatures_refused: {
    cause: (moment) => counts(moment - 5 * MINUTE, { refused: 6 }),
    cure: () => counts(NOW + DAY, { accepted: 1 }),
  },
  deliveries_failing: { cause: (moment) => counts(moment - 5 * MINUTE, { failing: 6 }) },
  provider_failures: {
    async cause(moment) {
      const ending = {
        phase: "ended",
        outcome: "failed",
        ended_reason: FAULT,
        ended_at: new Date(moment - MINUTE),
      };
      for (let call = 0; call < 10; call += 1) await callAt(moment - 3 * MINUTE, ending);
    },
  },
  calls_overdue: {
    async cause(moment) {
      for (let call = 0; call < 6; call += 1) await callAt(moment - HOUR, { attention: ["stuck"] });
    },
    cure: () => ledger.sql`update calls set attention = '{}'`,
  },
  days_incomplete: {
    async cause(moment) {
      await compared();
      await ledger.sql`insert into provider_calls
        (provider_account_id, provider_call_id, org_id, created_at, has_ended, missing)
        values (${PLATFORM_ACCOUNT}, ${String(moment)}, ${orgId}, ${new Date(moment - 2 * DAY)}, true, 'not_booked')`;
    },
    cure: () => ledger.sql`update provider_calls set missing = null`,
  },
  calls_repaired: {
    async cause(moment) {
      await compared();
      for (let call = 0; call < 6; call += 1) {
        await ledger.sql`insert into provider_calls
          (provider_account_id, provider_call_id, org_id, created_at, has_ended, lacked)
          values (${PLATFORM_ACCOUNT}, ${`${moment} ${call}`}, ${orgId}, ${new Date(moment - HOUR)}, true, 'call')`;
      }
    },
    cure: () => ledger.sql`delete from provider_calls`,
  },
  quarantine_growing: {
    cause: (moment) => ledger.sql`insert into quarantined_deliveries
      (provider, provider_account_id, reason, event_type, content_key, received_at)
      values ('vapi', ${PLATFORM_ACCOUNT}, 'unknown_agent', 't', ${String(moment)}, ${new Date(moment - 2 * HOUR)})`,
    cure: () => ledger.sql`update quarantined_deliveries set replayed_at = now()`,
  },
  recordings_failing: {
    async cause(moment) {
      const failing = { last_error: "HTTP 403", created_at: new Date(moment - 2 * HOUR) };
      for (let each = 0; each < 3; each += 1) await recordingAt(failing);
    },
    cure: () => ledger.sql`delete from recording_upload_queue`,
  },
  recordings_given_up: {
    cause: (moment) => recordingAt({ status: "failed", finished_at: new Date(moment - MINUTE) }),
    cure: () => ledger.sql`delete from recording_upload_queue`,
  },
  recordings_expiring: {
    cause: (moment) => recordingAt({ last_error: "HTTP 500", deadline: new Date(moment + HOUR) }),
    cure: () => ledger.sql`delete from recording_upload_queue`,
  },
  worker_silent: {
    cause: (moment) => ledger.sql`insert into background_heartbeats (name, last_run_at)
      values ('worker:1', ${new Date(moment - 3 * MINUTE)})
      on conflict (name) do update set last_run_at = excluded.last_run_at`,
    cure: () => ledger.sql`update background_heartbeats set last_run_at = ${new Date(NOW + 2 * DAY)}`,
  },
  database_filling: {
    cause: async () => undefined,
    settings: (bytes) => ({ databaseLimitMb: bytes / 0.9 / 1_048_576 }),
  },
  database_idle: {
    cause: () => ledger.sql`insert into processed_webhook_events
      (org_id, event_id, event_type, provider, provider_call_id, received_at, created_at)
      values (${orgId}, 'e:1', 't', 'vapi', 'c', now(), ${new Date(NOW - 6.5 * DAY)}) on conflict do nothing`,
    settings: () => ({ isPausedWhenIdle: true }),
  },
  certificate_expiring: {
    cause: (moment) => ledger.sql`insert into housekeeping_runs (name, every_seconds, succeeded_at, result)
      values ('certificate', 21600, ${new Date(moment)}, '{"days_left": 10}')
      on conflict (name) do update set succeeded_at = excluded.succeeded_at`,
    cure: () => ledger.sql`update housekeeping_runs set result = '{"days_left": 80}'`,
  },
  channel_failing: {
    cause: () =>
      ledger.sql`update alert_channels set failing_since = ${new Date(NOW - HOUR)} where id = ${channelId}`,
    cure: () => ledger.sql`update alert_channels set failing_since = null`,
  },
};

test.each(ALARM_CONDITIONS)(
  "%s: opens once with two workers, is repeated after a day, and closes",
  async (condition) => {
    const { cause, cure, settings } = CASES[condition];
    const [size] = await ledger.sql`select pg_database_size(current_database())::float8 as bytes`;
    const holds = settings?.(Number(size?.bytes)) ?? {};
    await evaluate(NOW - 10 * MINUTE, {});
    expect(await newsOf(condition)).toEqual([]);

    await cause(NOW);
    await evaluate(NOW, holds);
    const [alarm, ...others] = await ledger.sql`select * from alarms where condition = ${condition}`;
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({ opened_at: new Date(NOW), notified_at: new Date(NOW), closed_at: null });
    expect(await newsOf(condition)).toEqual(["opened"]);

    await cause(NOW + 23 * HOUR);
    await evaluate(NOW + 23 * HOUR, holds);
    expect(await newsOf(condition)).toEqual(["opened"]);
    await cause(NOW + DAY);
    await evaluate(NOW + DAY, holds);
    expect(await newsOf(condition)).toEqual(["opened", "repeated"]);

    await cure?.();
    await evaluate(NOW + DAY + 10 * MINUTE);
    const after = NOW + DAY + 3 * HOUR;
    if (condition === "no_deliveries") await counts(after - MINUTE, { accepted: 1 });
    await evaluate(after);
    expect(await newsOf(condition)).toEqual(["opened", "repeated", "closed"]);
    const rows = await ledger.sql`select closed_at from alarms where condition = ${condition}`;
    expect(rows.map((row) => row.closed_at?.getTime())).toEqual([after]);
  },
);

test.each(ALARM_CONDITIONS)("%s has a runbook", (condition) => {
  const page = new URL(`../../../${runbookOf(condition)}`, import.meta.url);
  expect(existsSync(page)).toBe(true);
});
