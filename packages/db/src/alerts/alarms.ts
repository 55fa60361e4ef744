import type { AlarmSighting } from "@call-ledger/domain";
import { ALARM_CONDITIONS } from "@call-ledger/domain";
import { z } from "zod";
import type { Sql } from "../client/pool.ts";
import { momentSchema, runForOne, sqlFunction } from "../client/run-function.ts";

/** A connection with any role. Row-level security decides which rows it sees. */
export type Queryable = Pick<Sql, "unsafe">;

const ofAccount = { account_id: z.string(), org_id: z.string().nullable() };
const account = <Row extends { account_id: string; org_id: string | null }>({
  account_id,
  org_id,
  ...row
}: Row) => ({
  accountId: account_id,
  orgId: org_id,
  ...row,
});

const readingsSchema = z.object({
  /** The moment of the figures, in milliseconds since 1970. */
  moment: momentSchema,
  refused: z.array(
    z
      .object({
        ...ofAccount,
        refused: z.number(),
        unproven: z.number(),
        accepted: z.number(),
        refused_half_day: z.number(),
        accepted_half_day: z.number(),
        unproven_since: z.number(),
        accepted_two_days: z.number(),
        quiet_seconds: z.number().nullable(),
        accepted_since: z.number(),
        accepted_between: z.number(),
        lasts: z.boolean(),
      })
      .transform(({ account_id, org_id, lasts, ...counts }) => ({
        accountId: account_id,
        orgId: org_id,
        lasts,
        hour: { refused: counts.refused, unproven: counts.unproven, accepted: counts.accepted },
        halfDay: { refused: counts.refused_half_day, accepted: counts.accepted_half_day },
        twoDays: { unproven: counts.unproven_since, accepted: counts.accepted_two_days },
        quietSeconds: counts.quiet_seconds,
        acceptedSince: counts.accepted_since,
        acceptedBetween: counts.accepted_between,
      })),
  ),
  failing: z.number(),
  silent: z.array(
    z.object({ ...ofAccount, seconds: z.number(), usual: z.array(z.number()) }).transform(account),
  ),
  returning: z.array(
    z.object({ ...ofAccount, calls: z.number(), usual: z.array(z.number()) }).transform(account),
  ),
  /** Failed calls that ended within the last half an hour. */
  endings: z.array(
    z
      .object({ ...ofAccount, provider: z.string(), reason: z.string(), seconds_ago: z.array(z.number()) })
      .transform(({ seconds_ago, ...row }) => ({ ...account(row), secondsAgo: seconds_ago })),
  ),
  overdue: z.array(
    z
      .object({ org_id: z.string(), calls: z.number() })
      .transform(({ org_id, calls }) => ({ orgId: org_id, calls })),
  ),
  quarantine: z.array(
    z
      .object({ ...ofAccount, waiting: z.number(), oldest_seconds: z.number() })
      .transform(({ oldest_seconds, ...row }) => ({ ...account(row), oldestSeconds: oldest_seconds })),
  ),
  recordings: z.array(
    z
      .object({ org_id: z.string(), given_up: z.number(), expiring: z.number(), failing: z.number() })
      .transform(({ org_id, given_up, ...row }) => ({ orgId: org_id, givenUp: given_up, ...row })),
  ),
  /** `account_id` is `null` for the days of an organization at the platform's accounts. */
  incomplete: z.array(
    z
      .object({
        account_id: z.string().nullable(),
        org_id: z.string().nullable(),
        days: z.number(),
        calls: z.number(),
        uncompared: z.number(),
      })
      .transform(({ account_id, org_id, ...row }) => ({ accountId: account_id, orgId: org_id, ...row })),
  ),
  /** `account_id` is `null` for the calls of an organization at the platform's accounts. */
  repaired: z.array(
    z
      .object({
        account_id: z.string().nullable(),
        org_id: z.string(),
        calls: z.number(),
        listed: z.number(),
      })
      .transform(({ account_id, org_id, ...row }) => ({ accountId: account_id, orgId: org_id, ...row })),
  ),
  workerSeconds: z.number(),
  databaseBytes: z.number(),
  idleSeconds: z.number(),
  /** The result of the check of the certificate; `null`: it has not run for two days. */
  certificate: z.object({ days_left: z.number().nullable() }).nullable(),
  channels: z.array(
    z
      .object({ channel_id: z.string(), org_id: z.string().nullable(), seconds: z.number() })
      .transform(({ channel_id, org_id, seconds }) => ({ channelId: channel_id, orgId: org_id, seconds })),
  ),
});

/** The stored figures of everything that can be an alarm. Ages in seconds, sizes in bytes. */
export type StoredReadings = Readonly<z.output<typeof readingsSchema>>;

const READINGS = sqlFunction("call_ledger.alarm_readings", { moment: "timestamptz" }, readingsSchema);
const SETTLE = sqlFunction(
  "call_ledger.settle_alarms",
  { sightings: "jsonb", moment: "timestamptz", quietSeconds: "integer", repeatSeconds: "integer" },
  z.object({ opened: z.number(), closed: z.number() }),
);
const TRIM = sqlFunction("call_ledger.trim_alerts", { moment: "timestamptz", most: "integer" }, z.number());

/**
 * Reads the figures at a moment, in milliseconds since 1970; `null`: now, by the clock of the database. Throws DbError.
 */
export function readAlarmReadings(sql: Queryable, moment: number | null): Promise<StoredReadings> {
  return runForOne(sql, READINGS, { moment });
}

/**
 * Opens, keeps, repeats and closes alarms by the sightings at `moment`, and queues the messages. Two processes that do
 * it at the same time open one alarm. Throws DbError.
 */
export function settleAlarms(
  sql: Queryable,
  sightings: readonly AlarmSighting[],
  {
    moment,
    quietSeconds,
    repeatSeconds,
  }: {
    readonly moment: number;
    /** An alarm closes when its condition was not seen for this time. */
    readonly quietSeconds: number;
    /** The message of an alarm that nobody has acknowledged is repeated after this time. */
    readonly repeatSeconds: number;
  },
): Promise<{ readonly opened: number; readonly closed: number }> {
  const rows = sightings.map(({ orgId, ...sighting }) => ({ org_id: orgId, ...sighting }));
  return runForOne(sql, SETTLE, { sightings: rows, moment, quietSeconds, repeatSeconds });
}

/** Deletes old alarms, messages and counts, at most `max` of each, and returns their number. Throws DbError. */
export function trimAlerts(sql: Queryable, moment: number, max: number): Promise<number> {
  return runForOne(sql, TRIM, { moment, most: max });
}

export const alarmSchema = z.object({
  id: z.string(),
  /** `null`: only the operator gets the alarm. */
  orgId: z.string().nullable(),
  condition: z.enum(ALARM_CONDITIONS),
  /** `installation`, or `account:`, `organization:` or `channel:` and an id. */
  scope: z.string(),
  figures: z.record(z.string(), z.number()),
  openedAt: z.date(),
  lastSeenAt: z.date(),
  notifiedAt: z.date().nullable(),
  closedAt: z.date().nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: z.date().nullable(),
  mutedUntil: z.date().nullable(),
});

export type Alarm = Readonly<z.output<typeof alarmSchema>>;
