import type { CallEvent, CallFacts } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { markOverdueCalls, workerSession } from "../src/jobs/index.ts";
import { ended, known, nobody, report, ringing, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();

const MINUTE_MS = 60_000;
const LIMITS = { beforeConnectionSeconds: 600, inProgressSeconds: 2_100, reportSeconds: 900, max: 100 };
const progressed = (phase: "scheduled" | "in_progress" | "forwarding"): CallEvent => ({
  kind: "call.progressed",
  type: "status-update",
  occurredAt: 0,
  phase,
});

/**
 * Books an event that happened, and was received, the given minutes ago. Without a time of its own it was only
 * received.
 */
function book(event: CallEvent, minutesAgo: number, { receivedMinutesAgo = minutesAgo, facts = known } = {}) {
  const occurredAt = event.occurredAt === null ? null : Date.now() - minutesAgo * MINUTE_MS;
  const delivery = ledger.delivery({ ...event, occurredAt }, facts satisfies CallFacts);
  return ledger.record({ ...delivery, receivedAt: Date.now() - receivedMinutesAgo * MINUTE_MS });
}

const sweep = () => markOverdueCalls(workerSession(ledger.pool, 5_000), LIMITS);

async function marks(): Promise<unknown> {
  const [row] = await ledger.owner`select attention from calls where provider_call_id = ${ledger.call}`;
  return row?.attention;
}

test.each([
  ["ringing for nine minutes", ringing, 9, []],
  ["ringing for eleven minutes", ringing, 11, ["stuck"]],
  ["in progress for 34 minutes", progressed("in_progress"), 34, []],
  ["in progress for 36 minutes", progressed("in_progress"), 36, ["stuck"]],
  ["forwarded 36 minutes ago", progressed("forwarding"), 36, ["stuck"]],
  ["scheduled for another day", progressed("scheduled"), 5_000, []],
  ["ended 14 minutes ago", ended, 14, []],
  ["ended 16 minutes ago", ended, 16, ["missing_report"]],
  ["ended without a time", { ...ended, occurredAt: null }, 16, ["missing_report"]],
])("%s", async (_case, event, minutesAgo, expected) => {
  await book(event, minutesAgo);
  await sweep();
  expect(await marks()).toEqual(expected);
});

test.each([
  ["in eleven minutes", { earliestAt: -11 }, []],
  ["nine minutes ago", { earliestAt: 9 }, []],
  ["eleven minutes ago", { earliestAt: 11 }, ["stuck"]],
  ["eleven minutes ago, or nine at the latest", { earliestAt: 11, latestAt: 9 }, []],
  ["at a time that does not exist", { earliestAt: "2026-02-30T10:00:00Z" }, ["stuck"]],
  ["at a time that cannot be read", { earliestAt: "tomorrow" }, []],
])("a call that was planned for %s and of which no more is heard", async (_case, plan, expected) => {
  const times = Object.entries(plan).map(([name, minutesAgo]) => [
    name,
    typeof minutesAgo === "string" ? minutesAgo : new Date(Date.now() - minutesAgo * MINUTE_MS).toISOString(),
  ]);
  const details = { schedulePlan: Object.fromEntries(times) };
  await book(
    { kind: "call.progressed", type: "status-update", occurredAt: 0, phase: "scheduled", details },
    5_000,
  );
  await sweep();
  expect(await marks()).toEqual(expected);
  await book(ringing, 0);
  expect(await marks()).toEqual([]);
});

test("the provider's time counts before the time of receipt, unless it is in the future", async () => {
  await book(progressed("in_progress"), 3 * 24 * 60, { receivedMinutesAgo: 0 });
  await sweep();
  expect(await marks()).toEqual(["stuck"]);

  ledger.call = `${ledger.call}-future`;
  await book(ringing, -1_000_000, { receivedMinutesAgo: 11 });
  await sweep();
  expect(await marks()).toEqual(["stuck"]);
});

test("a new event keeps a call from being stuck, and removes the mark", async () => {
  await book(progressed("in_progress"), 50);
  await sweep();
  expect(await marks()).toEqual(["stuck"]);
  await book({ kind: "call.observed", type: "hang", occurredAt: 0, discriminator: "1", details: null }, 5);
  expect(await marks()).toEqual([]);
  await sweep();
  expect(await marks()).toEqual([]);
});

test("an end removes stuck, then its report is missing, and then comes", async () => {
  await book(ringing, 60);
  await sweep();
  await book(ended, 20);
  expect(await marks()).toEqual([]);
  await sweep();
  expect(await marks()).toEqual(["missing_report"]);
  await book({ kind: "call.observed", type: "hang", occurredAt: 0, discriminator: "1", details: null }, 1);
  expect(await marks()).toEqual(["missing_report"]);
  await ledger.record(ledger.delivery(report([]), nobody));
  expect(await marks()).toEqual([]);
  await sweep();
  expect(await marks()).toEqual([]);
});

test("the figures that come with an end are no report, and stay until the report has them", async () => {
  const said = { ...report([]).report, startedAt: null, endedAt: null };
  const early = { ...report([]), report: said };
  await book(ended, 20);
  await ledger.record(
    ledger.delivery({ ...early, report: { ...said, source: "early", durationSeconds: 62 } }, nobody),
  );
  await ledger.owner`update processed_webhook_events set received_at = now() - interval '20 minutes'`;
  await sweep();
  expect(await marks()).toEqual(["missing_report"]);
  const seconds = () =>
    ledger.owner`select duration_seconds, awaits_report from calls where provider_call_id = ${ledger.call}`;
  expect(await seconds()).toEqual([{ duration_seconds: 62, awaits_report: true }]);
  await ledger.record(
    ledger.delivery({ ...early, report: { ...said, transcript: "AI: hi", durationSeconds: 0 } }, nobody),
  );
  expect(await marks()).toEqual([]);
  expect(await seconds()).toEqual([{ duration_seconds: 62, awaits_report: false }]);
});

test("a marked call is not checked again, and one step marks at most its limit", async () => {
  await sweep();
  for (const name of ["a", "b", "c"]) {
    ledger.call = `many-${name}`;
    await book(ringing, 20);
  }
  const session = workerSession(ledger.pool, 5_000);
  const steps = [];
  for (let step = 0; step < 3; step += 1) steps.push(await markOverdueCalls(session, { ...LIMITS, max: 2 }));
  expect(steps).toEqual([2, 1, 0]);
});

test("a call that is being booked is left to the next run", async () => {
  await book(ringing, 20);
  await ledger.owner.begin(async (sql) => {
    await sql`select from calls where provider_call_id = ${ledger.call} for no key update`;
    expect(await sweep()).toBe(0);
  });
  expect(await sweep()).toBe(1);
});

test("a call whose caller is known to have said nothing is marked with the report", async () => {
  const silent = report([]);
  await ledger.record(ledger.delivery({ ...silent, report: { ...silent.report, callerTurns: 0 } }));
  expect(await marks()).toEqual(["no_caller_speech"]);
});
