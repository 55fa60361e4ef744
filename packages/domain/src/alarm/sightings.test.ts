import { expect, test } from "vitest";
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
])("deliveries with %s", (_what, figures, expected) => {
  expect(said({ refused: [{ ...account, ...figures }] })).toEqual(expected);
});

test("an account whose deliveries are refused is not reported as silent too", () => {
  const silent = [{ ...account, seconds: 3_600, usual: [9, 9, 9] }];
  const refused = [{ ...account, refused: 9, unproven: 0, accepted: 0 }];
  expect(said({ silent, refused })).toEqual(["signatures_refused true"]);
});
