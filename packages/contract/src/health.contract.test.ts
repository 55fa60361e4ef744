import { expect, test } from "vitest";
import { readHealth } from "./health.contract.ts";

const FIRST_RELEASE = {
  status: "ok",
  database_size_mb: 125.4,
  services: { database: true, supabase: true, backgroundJobs: true },
  timestamp: "2025-12-21T12:34:56.789Z",
  uptime: 3600,
};

test("the answer of the first release is read, and fields that it lacks are null", () => {
  expect(readHealth(JSON.stringify(FIRST_RELEASE))).toEqual({
    fault: null,
    health: {
      ...FIRST_RELEASE,
      database_fault: null,
      version: null,
      commit: null,
      migration: null,
      queue: null,
      recordings: null,
      storage: null,
      last_event_at: null,
      quarantined: null,
      attention: null,
      housekeeping: null,
    },
  });
});

test("an additional field of a newer release is not a fault", () => {
  expect(readHealth(JSON.stringify({ ...FIRST_RELEASE, region: "ohio" })).fault).toBeNull();
});

test.each([
  ["commit", "deadbeef\ninjected=yes\n::warning::"],
  ["commit", "0123456789\n"],
  ["commit", "main"],
  ["version", "1.2.3\n::warning::"],
  ["version", "1.2.3\u001b[2J"],
])("a %s that would put lines or commands into a log is refused: %j", (field, value) => {
  const answer = readHealth(JSON.stringify({ ...FIRST_RELEASE, [field]: value }));
  expect(answer).toEqual({ health: null, fault: `no ${field}` });
});

test.each([
  ["<html>", "no JSON object"],
  ["null", "no JSON object"],
  ["{}", "no status, database_size_mb, services, timestamp, uptime"],
  [
    JSON.stringify({ ...FIRST_RELEASE, services: { database: 1 }, timestamp: "now" }),
    "no services.database, services.supabase, services.backgroundJobs, timestamp",
  ],
])("%s is not an answer of call-ledger", (text, fault) => {
  expect(readHealth(text)).toEqual({ health: null, fault });
});
