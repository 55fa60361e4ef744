import type { AuditEntry } from "@call-ledger/contract/people";
import { expect, test } from "vitest";
import { actorWords, isInstant, objectName } from "./entry-words.ts";

const entry = (object: AuditEntry["object"], values: Partial<AuditEntry> = {}): AuditEntry => ({
  id: "019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001",
  at: "2026-03-04T09:15:02.120Z",
  actor: { kind: "member", id: null, name: "Anna" },
  action: "member.invited",
  object,
  before: null,
  after: null,
  ...values,
});

test("a program is named as a key, and a person by the name", () => {
  expect(actorWords({ kind: "key", id: null, name: "all" })).toBe("API key all");
  expect(actorWords({ kind: "key", id: null, name: null })).toBe("API key");
  expect(actorWords({ kind: "member", id: null, name: "Anna" })).toBe("Anna");
  expect(actorWords({ kind: "operator", id: null, name: null })).toBe("Operator");
});

test("an object has its present name, else the name in its last values", () => {
  const member = { kind: "member", id: "1", name: "Ben" };
  expect(objectName(entry(member, { after: { email: "ben@one.test" } }))).toBe("Ben");
  expect(objectName(entry({ ...member, name: null }, { after: { email: "ben@one.test" } }))).toBe(
    "ben@one.test",
  );
  expect(objectName(entry({ ...member, name: null }, { before: { name: null, email: "b@one.test" } }))).toBe(
    "b@one.test",
  );
  expect(objectName(entry({ kind: "call", id: "1", name: "+12025550123" }))).toBe("+1 202 555 0123");
  expect(objectName(entry({ kind: "quarantine", id: null, name: null }))).toBeNull();
});

test("an alarm is named by its condition", () => {
  const alarm = { kind: "alarm", id: "1", name: null };
  expect(objectName(entry(alarm, { after: { condition: "calls_overdue" } }))).toBe("Calls are overdue");
});

test("a time of the API is recognized", () => {
  expect(isInstant("2026-03-04T09:15:02.120Z")).toBe(true);
  expect(isInstant("2026-03-04")).toBe(false);
});
