import { expect, test } from "vitest";
import { isPausedWhenIdle } from "./start-alerts.ts";

test.each([
  ["postgres://postgres:x@db.abcdefgh.supabase.co:5432/postgres", true],
  ["postgres://postgres.abcdefgh:x@aws-0-eu-central-1.pooler.supabase.com:6543/postgres", true],
  ["postgres://app:x@db.supabase.co.example.test/ledger", false],
  ["postgres://app:x@db.notsupabase.co/ledger", false],
  ["postgres://supabase.co:x@localhost/ledger", false],
  ["no address", false],
])("the alarm of an idle database opens only for Supabase's hosts: %s", (databaseUrl, expected) => {
  expect(isPausedWhenIdle(databaseUrl)).toBe(expected);
});
