import { expect, test } from "vitest";
import type { AlarmThreshold } from "./conditions.ts";
import { ALARM_THRESHOLDS } from "./conditions.ts";
import type { AlarmReadings } from "./sightings.ts";
import { alarmSightings } from "./sightings.ts";

const QUIET: AlarmReadings = {
  refused: [],
  failing: 0,
  silent: [],
  providerFailures: [],
  overdue: [],
  incomplete: [],
  quarantine: [],
  recordings: [],
  workerSeconds: 5,
  databaseBytes: 10,
  databaseLimitBytes: 100,
  idleSeconds: null,
  certificateDays: null,
  channels: [],
};
const account = { accountId: "a", orgId: null };
const org = { orgId: "o" };
const said = (readings: Partial<AlarmReadings>) =>
  alarmSightings({ ...QUIET, ...readings }).map(({ condition, opens }) => `${condition} ${opens}`);

test("a healthy ledger has no sighting", () => {
  expect(alarmSightings(QUIET)).toEqual([]);
});

test.each([
  ["below the closing threshold", 0.74, []],
  ["at the closing threshold", 0.75, []],
  ["between the thresholds, which keeps an alarm open and opens none", 0.79, ["database_filling false"]],
  ["at the opening threshold", 0.8, ["database_filling true"]],
])("a database %s", (_name, share, expected) => {
  expect(said({ databaseBytes: share * 100 })).toEqual(expected);
});

test.each([
  ["ends soon", 13, ["certificate_expiring true"]],
  ["is not valid", -1, ["certificate_expiring true"]],
  ["was not renewed yet", 19, ["certificate_expiring false"]],
  ["was renewed", 20, []],
])("a certificate that %s", (_what, certificateDays, expected) => {
  expect(said({ certificateDays })).toEqual(expected);
});

type Hysteresis = [string, (value: number) => Partial<AlarmReadings>, AlarmThreshold];
const { refused, unproven, failing, providerFailures, overdue, incompleteDays } = ALARM_THRESHOLDS;
const { quarantineSeconds, givenUp, expiring, workerSeconds, idleSeconds, channelSeconds } = ALARM_THRESHOLDS;
const recordings = { ...org, givenUp: 0, expiring: 0 };
const deliveries = { ...account, refused: 0, unproven: 0, accepted: 0, lasts: false };

test.each<Hysteresis>([
  ["signatures_refused", (value) => ({ refused: [{ ...deliveries, refused: value }] }), refused],
  ["signatures_refused", (value) => ({ refused: [{ ...deliveries, unproven: value }] }), unproven],
  ["deliveries_failing", (value) => ({ failing: value }), failing],
  ["provider_failures", (value) => ({ providerFailures: [{ ...account, calls: value }] }), providerFailures],
  ["calls_overdue", (value) => ({ overdue: [{ ...org, calls: value }] }), overdue],
  [
    "days_incomplete",
    (value) => ({ incomplete: [{ ...account, days: 0, calls: 0, uncompared: value }] }),
    incompleteDays,
  ],
  [
    "quarantine_growing",
    (value) => ({ quarantine: [{ ...account, waiting: 1, oldestSeconds: value }] }),
    quarantineSeconds,
  ],
  ["recordings_given_up", (value) => ({ recordings: [{ ...recordings, givenUp: value }] }), givenUp],
  ["recordings_expiring", (value) => ({ recordings: [{ ...recordings, expiring: value }] }), expiring],
  ["worker_silent", (value) => ({ workerSeconds: value }), workerSeconds],
  ["database_idle", (value) => ({ idleSeconds: value }), idleSeconds],
  [
    "channel_failing",
    (value) => ({ channels: [{ ...org, channelId: "c", seconds: value }] }),
    channelSeconds,
  ],
])(
  "%s opens at its first threshold, stays until its second one, and is then over",
  (condition, of, { opens, closes }) => {
    expect(said(of(opens))).toEqual([`${condition} true`]);
    expect(said(of(closes))).toEqual([]);
    const between = closes + (opens - closes) / 2;
    expect(said(of(between))).toEqual([`${condition} false`]);
  },
);

const MINUTE = 60;
test.each([
  ["for half an hour, when every earlier week was busy", 30 * MINUTE, [9, 8, 9, 10], ["no_deliveries true"]],
  ["for less", 29 * MINUTE, [9, 8, 9, 10], []],
  ["when one week was a holiday", 60 * MINUTE, [9, 0, 9, 10], ["no_deliveries true"]],
  ["when two were", 60 * MINUTE, [9, 0, 9, 0], []],
  ["at night, when it always is", 5 * 60 * MINUTE, [0, 1, 0, 0], []],
  ["before three weeks are known", 60 * MINUTE, [9, 9], []],
  ["when one of three weeks was quiet", 60 * MINUTE, [9, 9, 1], []],
  ["for so long that nobody uses it", 29 * 86_400, [9, 9, 9, 9], []],
])("an account that is silent %s", (_what, seconds, usual, expected) => {
  expect(said({ silent: [{ ...account, seconds, usual }] })).toEqual(expected);
});

test.each([
  ["wrong proofs", { refused: 5, unproven: 0, accepted: 100 }, ["signatures_refused true"]],
  ["a few wrong proofs", { refused: 4, unproven: 0, accepted: 100 }, ["signatures_refused false"]],
  ["no proof, while others are accepted", { refused: 0, unproven: 50, accepted: 1 }, []],
  ["no proof, and none is accepted", { refused: 0, unproven: 20, accepted: 0 }, ["signatures_refused true"]],
  ["both", { refused: 1, unproven: 20, accepted: 0 }, ["signatures_refused true"]],
  ["wrong proofs some time ago, and none accepted since", { lasts: true }, ["signatures_refused false"]],
  ["wrong proofs some time ago, and some accepted now", { lasts: true, accepted: 1 }, []],
])("deliveries with %s", (_what, figures, expected) => {
  expect(said({ refused: [{ ...deliveries, ...figures }] })).toEqual(expected);
});

test("an account whose deliveries are refused opens no second alarm, and keeps an open one of its silence", () => {
  const silent = [{ ...account, seconds: 3_600, usual: [9, 9, 9] }];
  const refused = [{ ...deliveries, refused: 9 }];
  expect(said({ silent, refused })).toEqual(["signatures_refused true", "no_deliveries false"]);
});
