import type { Document, Json } from "@call-ledger/domain";
import { summarize } from "@call-ledger/domain";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "../src/client/index.ts";
import type { GeneratedDelivery, OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  expectedRows,
  expectedState,
  generatedCall,
  rowsOf,
  testDatabase,
} from "../src/testing/index.ts";
import { recordDeliveries } from "../src/write/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let pool: Pool;
let fixture: OrganizationFixture;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  pool = openPool(db.appUrl, { max: 4, name: "parity", prepare: true });
  fixture = await createOrganizationFixture(owner);
});

afterAll(async () => {
  await pool.close(1_000);
  await owner.end();
  await db.drop();
});

const record = (deliveries: Parameters<typeof recordDeliveries>[1]) =>
  recordDeliveries(pool, deliveries, { transport: "prepared", deadlineMs: 20_000 });

let callNumber = 0;
const tally = new Map<string, number>();
const count = (branch: string, happened: boolean) =>
  tally.set(branch, (tally.get(branch) ?? 0) + Number(happened));

/** Splits a list at the given places. */
function inBatches<T>(list: readonly T[], cuts: readonly boolean[]): T[][] {
  const batches: T[][] = [];
  for (const [index, item] of list.entries()) {
    const last = batches.at(-1);
    if (last === undefined || cuts[index]) batches.push([item]);
    else last.push(item);
  }
  return batches;
}

test("SQL and TypeScript give the same rows for 1,000 random calls, for any batches of their deliveries", async () => {
  const shuffled = generatedCall.chain((deliveries) =>
    fc.record({
      deliveries: fc.constant(deliveries),
      arrivals: fc
        .tuple(fc.shuffledSubarray(deliveries, { minLength: deliveries.length }), fc.subarray(deliveries))
        .map(([all, again]) => [...all, ...again]),
      cuts: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(shuffled, async ({ deliveries, arrivals, cuts }) => {
      const providerCallId = `parity-${++callNumber}`;
      for (const batch of inBatches(arrivals, cuts)) {
        await record(batch.map((delivery) => deliveryToBook(fixture, providerCallId, delivery)));
      }
      const state = expectedState(fixture, deliveries);
      const expected =
        state === null
          ? null
          : expectedRows({ orgId: fixture.orgId, provider: "vapi", providerCallId }, state);
      expect(await rowsOf(owner, providerCallId)).toEqual(expected);
      countBranches(deliveries, arrivals);
    }),
    { numRuns: 1_000 },
  );
  process.stdout.write(`merge branches that decided: ${JSON.stringify(Object.fromEntries(tally))}\n`);
  for (const [branch, times] of tally) expect(times, branch).toBeGreaterThan(0);
}, 180_000);

/** Counts how often each rule of the merge decided. No rule may stay untested. */
function countBranches(
  deliveries: readonly GeneratedDelivery[],
  arrivals: readonly GeneratedDelivery[],
): void {
  const events = deliveries.map((delivery) => delivery.event);
  const state = expectedState(fixture, deliveries);
  const endings = events
    .filter((event) => event.kind === "call.ended")
    .map((event) => JSON.stringify(event.ending));
  const reports = events.filter((event) => event.kind === "call.reported");
  const sources = new Set(deliveries.map((delivery) => delivery.source?.slice(0, 1)));
  const fields = versionsOf(state?.report);
  count("not booked: nobody's call", state === null);
  count("a repetition", arrivals.length > deliveries.length);
  count("two accounts of one call", new Set(deliveries.map((delivery) => delivery.account)).size > 1);
  count(
    "phase: late and lower",
    new Set(events.map((event) => ("phase" in event ? event.phase : ""))).size > 2,
  );
  count("ending: two disagree", new Set(endings).size > 1);
  count("agent: by number only", state?.live.agent?.value.evidence === "byNumber");
  count("agent: by id", state?.live.agent?.value.evidence === "byId");
  count("report: one", reports.length === 1);
  count("report: several", reports.length > 1);
  count("report: fields of different versions", new Set(fields).size > 1);
  count(
    "report: parts of the analysis of different versions",
    new Set(partVersionsOf(state?.report)).size > 1,
  );
  count(
    "report: details of different versions",
    new Set(Object.values(state?.report.details.parts ?? {}).map(({ whole }) => whole?.version)).size > 1,
  );
  count("report: the longer list of a lesser version", keepsLongerList(state, reports));
  const keys = keysIn(state?.report);
  count(
    "report: keys of one part of different versions",
    keys.some((part) => versionCount(part) > 1),
  );
  count(
    "report: a key that a lesser version corrects",
    keys.some((part) => isFilled(part, reports)),
  );
  count("forwarded: a report stands before the events", forwardingIsDecided(state));
  count("report: an analysis that is no object", Array.isArray(state?.report.analysis.whole?.value));
  count("report: a cost of 0 that a lesser version corrects", isCorrected("costUsd", reports, state));
  count(
    "report: a duration of 0 that a lesser version corrects",
    isCorrected("durationSeconds", reports, state),
  );
  count("source: the caller's beside the provider's", sources.has("c") && sources.has("p"));
  count(
    "source: a field of the report is the caller's",
    fields.some((version) => version.startsWith("c")),
  );
  count("source: a fact is the caller's", state?.live.customerNumber?.version.startsWith("c") === true);
  count("source: a time is the older system's", state?.live.answeredAt?.version === "a");
  count("number: a telephone's before another", numberIsChosen(deliveries, state));
  count("ending: the live layer decides over an unknown report", reportIsOverruled(state));
  const summary = state === null ? null : summarize(state.live, state.report, {});
  const word = state?.report.ending?.value.outcome ?? state?.live.ending?.outcome;
  count("outcome: nobody spoke", summary?.attention.includes("no_caller_speech") === true);
  count("outcome: silence, and the caller spoke", word === "silence" && summary?.outcome === "completed");
  count("outcome: silence, and nothing is known", word === "silence" && summary?.outcome === "unknown");
  count("outcome: delivered without a word", word === "delivered" && summary?.callerTurns === 0);
  count("turns: only a transcript has some", state?.live.callerHeard === true && !state.report.callerTurns);
  count("duration: the provider's own number", state !== null && usesProviderDuration(state));
}

type State = ReturnType<typeof expectedState>;

function versionsOf(report: NonNullable<State>["report"] | undefined): string[] {
  return Object.values(report ?? {}).flatMap((field) =>
    field !== null && typeof field === "object" && "version" in field ? [field.version] : [],
  );
}

function partVersionsOf(report: NonNullable<State>["report"] | undefined): string[] {
  return Object.values(report?.analysis.parts ?? {}).flatMap(({ whole }) => whole?.version ?? []);
}

/** Returns the parts that are merged key by key, by name. */
function keysIn(report: NonNullable<State>["report"] | undefined): (readonly [string, Document])[] {
  const documents = [report?.analysis, report?.costBreakdown, report?.details];
  return documents
    .flatMap((one) => Object.entries(one?.parts ?? {}))
    .filter(([, { whole }]) => whole === null);
}

function versionCount([, { parts }]: readonly [string, Document]): number {
  return new Set(Object.values(parts).map(({ whole }) => whole?.version)).size;
}

/** Returns whether an output lacked its result in one report and has it now. */
function isFilled([name, { parts }]: readonly [string, Document], reports: readonly object[]): boolean {
  const lacked = JSON.stringify(reports).includes('"k":{"name":"n","result":null}');
  return name === "structuredOutputs" && lacked && JSON.stringify(parts.k?.whole?.value).includes('"r"');
}

/** Returns whether the greatest report has a list of messages, and another one's with more facts was taken. */
function keepsLongerList(
  state: State,
  reports: readonly { readonly report: { readonly messages: Json | null } }[],
): boolean {
  const messages = state?.report.messages;
  const lists = reports.filter(({ report }) => Array.isArray(report.messages) && report.messages.length > 0);
  return lists.length > 1 && messages?.version !== state?.report.version && Array.isArray(messages?.value);
}

function isCorrected(
  figure: "costUsd" | "durationSeconds",
  reports: readonly { readonly report: Readonly<Record<typeof figure, number | null>> }[],
  state: State,
) {
  const known = state?.report[figure];
  return (
    reports.some(({ report }) => report[figure] === 0) &&
    (known?.value ?? 0) > 0 &&
    known?.version !== state?.report.version
  );
}

function numberIsChosen(deliveries: readonly GeneratedDelivery[], state: State): boolean {
  const numbers = deliveries.map(({ facts }) => facts.customerNumber ?? "");
  return (
    numbers.some((number) => /^[a-z]/.test(number)) &&
    state?.live.customerNumber?.value.startsWith("+") === true
  );
}

function forwardingIsDecided(state: State): boolean {
  const live = state?.live.forwardedTo?.value;
  const report = state?.report.forwardedTo?.value;
  return live !== undefined && report !== undefined && live !== report;
}

function reportIsOverruled(state: State): boolean {
  const live = state?.live.ending?.outcome;
  return state?.report.ending?.value.outcome === "unknown" && live !== undefined && live !== "unknown";
}

function usesProviderDuration({ live, report }: NonNullable<State>): boolean {
  const start = report.startedAt ?? live.answeredAt;
  const end = report.endedAt ?? live.endedAt;
  const given = report.durationSeconds !== null;
  return (start === null || end === null || end.value < start.value) && given;
}
