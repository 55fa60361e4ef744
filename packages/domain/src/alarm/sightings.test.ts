import { expect, test } from "vitest";
import type { AlarmThreshold } from "./conditions.ts";
import { ALARM_THRESHOLDS } from "./conditions.ts";
import type { AccountRefusals, AlarmReadings } from "./readings.ts";
import { alarmSightings } from "./sightings.ts";

const QUIET: AlarmReadings = {
  refused: [],
  failing: 0,
  silent: [],
  returning: [],
  providerFailures: [],
  overdue: [],
  incomplete: [],
  repaired: [],
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
const { failing, providerFailures, overdue, incompleteDays } = ALARM_THRESHOLDS;
const { quarantineSeconds, givenUp, expiring, workerSeconds, idleSeconds, channelSeconds } = ALARM_THRESHOLDS;
const recordings = { ...org, givenUp: 0, expiring: 0, failing: 0 };
const { repaired, failingRecordings } = ALARM_THRESHOLDS;
const refusals: AccountRefusals = {
  ...account,
  hour: { refused: 0, unproven: 0, accepted: 0 },
  halfDay: { refused: 0, accepted: 0 },
  twoDays: { unproven: 0, accepted: 0 },
  lasts: false,
  quietSeconds: null,
  acceptedSince: 0,
  acceptedBetween: 0,
};

test.each<Hysteresis>([
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
  ["recordings_failing", (value) => ({ recordings: [{ ...recordings, failing: value }] }), failingRecordings],
  [
    "calls_repaired",
    (value) => ({ repaired: [{ ...account, orgId: "o", calls: value, listed: 9 }] }),
    repaired,
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

test.each([
  ["one in a hundred", 1_000, ["calls_repaired true"]],
  ["fewer, which keeps an alarm open and opens none", 1_001, ["calls_repaired false"]],
  ["fewer than one in two hundred", 2_001, []],
])("ten repaired calls that are %s", (_share, listed, expected) => {
  expect(said({ repaired: [{ accountId: null, orgId: "o", calls: 10, listed }] })).toEqual(expected);
});

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

const HOUR = 60 * MINUTE;
test.each<
  [string, { refused: number; accepted: number; quiet: number; since?: number; between?: number }, string[]]
>([
  ["wrong proofs", { refused: 5, accepted: 100, quiet: 0 }, ["signatures_refused true"]],
  ["a few wrong proofs", { refused: 4, accepted: 100, quiet: 0 }, ["signatures_refused false"]],
  [
    "wrong proofs an hour ago",
    { refused: 5, accepted: 9, quiet: 1.5, since: 9 },
    ["signatures_refused false"],
  ],
  ["no wrong proof for two hours, and many accepted", { refused: 9, accepted: 9, quiet: 2, since: 1 }, []],
  [
    "no wrong proof for as long as before the last one",
    { refused: 9, accepted: 9, quiet: 4, since: 12, between: 12 },
    ["signatures_refused false"],
  ],
  [
    "no wrong proof for more than twice as long as before the last one",
    { refused: 9, accepted: 25, quiet: 4, since: 25, between: 12 },
    [],
  ],
  ["no wrong proof for half a day", { refused: 0, accepted: 9, quiet: 12, since: 9, between: 90 }, []],
  ["some wrong proofs in each hour", { refused: 20, accepted: 90, quiet: 1 }, ["signatures_refused true"]],
])("an account that has %s", (_what, { refused, accepted, quiet, since = 0, between = 0 }, expected) => {
  const hour = { refused: quiet < 1 ? refused : 0, unproven: 0, accepted };
  const figures = { hour, halfDay: { refused, accepted }, quietSeconds: quiet * HOUR };
  const one = { ...refusals, ...figures, acceptedSince: since, acceptedBetween: between };
  expect(said({ refused: [one] })).toEqual(expected);
});

test.each<[string, Partial<AccountRefusals>, string[]]>([
  [
    "five wrong proofs in half a day, and none accepted",
    { halfDay: { refused: 5, accepted: 0 }, quietSeconds: HOUR },
    ["signatures_refused true"],
  ],
  [
    "five wrong proofs in half a day, and one accepted",
    { halfDay: { refused: 5, accepted: 1 }, quietSeconds: HOUR },
    ["signatures_refused false"],
  ],
  ["wrong proofs some days ago, and none accepted since", { lasts: true }, ["signatures_refused false"]],
  [
    "twenty without proof in an hour, and none accepted",
    { hour: { refused: 1, unproven: 20, accepted: 0 } },
    ["signatures_refused true"],
  ],
  [
    "many without proof in an hour, and one accepted",
    { hour: { refused: 0, unproven: 50, accepted: 1 } },
    [],
  ],
  [
    "twenty without proof in two days, and none accepted",
    { twoDays: { unproven: 20, accepted: 0 } },
    ["signatures_refused true"],
  ],
  [
    "many without proof since the last accepted one",
    { twoDays: { unproven: 50, accepted: 1 } },
    ["signatures_refused false"],
  ],
])("deliveries of which there were %s", (_what, figures, expected) => {
  expect(said({ refused: [{ ...refusals, ...figures }] })).toEqual(expected);
});

test("an account whose deliveries are refused opens no second alarm, and keeps an open one of its silence", () => {
  const silent = [{ ...account, seconds: 3_600, usual: [9, 9, 9] }];
  const refused = [{ ...refusals, hour: { refused: 9, unproven: 0, accepted: 0 } }];
  expect(said({ silent, refused })).toEqual(["signatures_refused true", "no_deliveries false"]);
});

test.each([
  ["fewer calls than usual came", 8, [9, 10, 9], ["no_deliveries false"]],
  ["as many calls as usual came", 9, [9, 10, 9], []],
  ["hardly any call is usual", 0, [3, 3, 3], []],
])("an account whose deliveries come again, when %s", (_when, calls, usual, expected) => {
  expect(said({ returning: [{ ...account, calls, usual }] })).toEqual(expected);
});
