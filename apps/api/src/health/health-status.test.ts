import type { LedgerStatus } from "@call-ledger/db/status";
import { expect, test } from "vitest";
import type { HealthFacts } from "./health-status.ts";
import { healthStatus } from "./health-status.ts";

const ledger: LedgerStatus = {
  databaseSizeMb: 125.4,
  migration: 3,
  oldestCode: 1,
  queue: { depth: 2, oldestAgeSeconds: 41 },
  dead: 0,
  quarantined: 5,
  lastEventAt: new Date("2026-03-12T15:04:20.377Z"),
  workerAgeSeconds: 4,
  sizeBefore: null,
  attention: {},
  completeness: { incompleteDays: 0, missingCalls: 0 },
  repaired: {},
  missing: {},
  lateJobs: [],
};

const recordings = { pending: 1, waiting: 0, fetching: 1, stored: 12, failed: 0, expired: 2 };

const facts: HealthFacts = {
  ledger,
  databaseFault: null,
  recordings,
  storageReachable: true,
  limitMb: 500,
  growthMbPerDay: 7.456,
  migrations: ["0000_tables", "0001_roles", "0002_functions"],
  version: "1.2.3",
  commit: "0123abc",
  now: new Date("2026-03-12T15:05:00.000Z"),
  uptimeSeconds: 3600.9,
};

const answerWith = (changed: Partial<HealthFacts>) => healthStatus({ ...facts, ...changed });
const statusWith = (changed: Partial<LedgerStatus>) =>
  answerWith({ ledger: { ...ledger, ...changed } }).status;

test("the status is ok if everything works", () => {
  expect(healthStatus(facts)).toEqual({
    status: "ok",
    database_size_mb: 125.4,
    services: { database: true, supabase: true, backgroundJobs: true },
    database_fault: null,
    timestamp: "2026-03-12T15:05:00.000Z",
    uptime: 3600,
    version: "1.2.3",
    commit: "0123abc",
    migration: { number: 3, tag: "0002_functions" },
    queue: { depth: 2, oldest_age_seconds: 41, dead: 0 },
    recordings,
    storage: { limit_mb: 500, growth_mb_per_day: 7.46, days_left: 50 },
    last_event_at: "2026-03-12T15:04:20.377Z",
    quarantined: 5,
    attention: { stuck: 0, missing_report: 0, no_caller_speech: 0 },
    housekeeping: { late: [] },
  });
});

test("the status follows the size: over 80 % degraded, over 96 % an error", () => {
  const sizes = [400, 400.1, 480, 480.1, 900];
  expect(sizes.map((databaseSizeMb) => statusWith({ databaseSizeMb }))).toEqual([
    "ok",
    "degraded",
    "degraded",
    "error",
    "error",
  ]);
});

test("dead jobs, waiting recordings and missing parts make the status degraded", () => {
  expect(statusWith({ dead: 1 })).toBe("degraded");
  expect(answerWith({ recordings: { ...recordings, waiting: 1 } }).status).toBe("degraded");
  expect(statusWith({ lateJobs: ["payload_retention"] })).toBe("degraded");
  expect(statusWith({ workerAgeSeconds: 59.9 })).toBe("ok");
  expect(statusWith({ workerAgeSeconds: 60 })).toBe("degraded");
  expect(statusWith({ workerAgeSeconds: null })).toBe("degraded");
  expect(answerWith({ storageReachable: false }).status).toBe("degraded");
});

test("a database that does not answer is an error, and its values are null", () => {
  expect(answerWith({ ledger: null })).toMatchObject({
    status: "error",
    database_size_mb: null,
    services: { database: false, supabase: true, backgroundJobs: false },
    migration: null,
    queue: null,
    storage: { limit_mb: 500, growth_mb_per_day: null, days_left: null },
    last_event_at: null,
    quarantined: null,
    housekeeping: null,
  });
});

test("days_left is null without growth, and 0 without room", () => {
  expect(answerWith({ growthMbPerDay: null }).storage?.days_left).toBeNull();
  expect(answerWith({ growthMbPerDay: -3 }).storage).toMatchObject({
    growth_mb_per_day: -3,
    days_left: null,
  });
  expect(answerWith({ limitMb: 100 }).storage?.days_left).toBe(0);
});

test("a schema that is newer than this release has a number but no name", () => {
  expect(answerWith({ ledger: { ...ledger, migration: 9 } }).migration).toEqual({ number: 9, tag: null });
});
