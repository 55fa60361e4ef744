import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, test } from "vitest";
import { fixture } from "../../test/read-fixture.ts";
import type { FetchedCall } from "../common/call-api.ts";
import type { ReadCall } from "../common/provider-adapter.ts";
import { vapiCalls } from "./fetched-call.ts";
import { readVapi } from "./read.ts";

const CREDENTIAL = { baseUrl: "https://api.vapi.ai/", apiKey: "private" };
const CREATED = "2026-09-14T12:00:00.000Z";
const ENDED = "2026-09-14T12:03:00.000Z";

/** Returns the call of a report's fixture in the form of the API: the content of the report is in the call. */
function apiCall(changes: object = {}): object {
  const { message } = JSON.parse(Buffer.from(REPORT).toString());
  const { call, startedAt, endedAt, endedReason, cost, costs, analysis, artifact } = message;
  const content = { startedAt, endedAt, endedReason, cost, costs, analysis, artifact };
  return { ...call, createdAt: CREATED, updatedAt: ENDED, status: "ended", ...content, ...changes };
}

const REPORT = fixture("vapi/16-inbound-end-of-call-report.json");

function readCallIn(body: Uint8Array): ReadCall {
  const read = readVapi(body);
  if (read.reads !== "call") throw new Error("the body is not about a call");
  return read;
}

/** An event without the current URLs of its recording, which are not stored. */
const keyed = (event: CallEvent) => (event.kind === "call.reported" ? { ...event, sources: [] } : event);

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

function fetched(changes: object = {}): FetchedCall {
  const call = vapiCalls.readCall(bytes(apiCall(changes)));
  if (call === null) throw new Error("the answer is not a call");
  return call;
}

function eventOf({ read }: FetchedCall): CallEvent {
  const [event] = read.events;
  if (event === undefined) throw new Error("it says nothing");
  return event;
}

describe("requests", () => {
  test("a list is requested for a window of the time of creation or of the last change", () => {
    const [from, to] = [Date.parse(CREATED), Date.parse(ENDED)];
    const created = vapiCalls.listRequest(CREDENTIAL, { by: "created", from, to });
    const { searchParams, pathname } = new URL(created.url);
    expect(pathname).toBe("/call");
    expect(Object.fromEntries(searchParams)).toEqual({
      limit: "100",
      createdAtGe: CREATED,
      createdAtLt: ENDED,
    });
    expect(created.headers).toEqual({ authorization: "Bearer private" });
    const changed = new URL(vapiCalls.listRequest(CREDENTIAL, { by: "changed", from, to }).url);
    expect(changed.searchParams.get("updatedAtGe")).toBe(CREATED);
  });

  test("an id cannot leave its place in the path", () => {
    expect(vapiCalls.callRequest(CREDENTIAL, "../assistant?x").url).toBe(
      "https://api.vapi.ai/call/..%2Fassistant%3Fx",
    );
  });
});

describe("a call that has ended", () => {
  test("is a report of the source reconcile, with all facts of the webhook's report", () => {
    const event = eventOf(fetched());
    const [webhook] = readCallIn(REPORT).events;
    if (event.kind !== "call.reported" || webhook?.kind !== "call.reported") throw new Error("no report");
    const { source, details: _details, ...said } = event.report;
    const { source: _webhook, details: _others, ...pushed } = webhook.report;
    expect(source).toBe("reconcile");
    expect(said).toEqual({ ...pushed, costBreakdown: said.costBreakdown });
    expect(said.recordings.length).toBeGreaterThan(0);
  });

  test("has the facts of its deliveries, so that it belongs to the same organization", () => {
    const webhook = readCallIn(REPORT);
    const { read } = fetched();
    expect(read.providerCallId).toBe(webhook.providerCallId);
    expect(read.facts.providerAgentId).toBe(webhook.facts.providerAgentId);
    expect(read.facts.direction).toBe(webhook.facts.direction);
  });

  test("is stored without secrets, and its stored payload gives the same", () => {
    const call = fetched({ phoneNumber: { number: "+12025550123", twilioAuthToken: "hunter2hunter2" } });
    expect(call.read.payload).not.toContain("hunter2");
    const again = readCallIn(Buffer.from(call.read.payload));
    expect([again.events.map(keyed), again.facts]).toEqual([call.read.events.map(keyed), call.read.facts]);
  });

  test("has also ended if it has an end, with any status", () => {
    const call = fetched({ status: "in-progress" });
    expect([call.hasEnded, eventOf(call).kind]).toEqual([true, "call.reported"]);
  });
});

test("a call in progress gives only its phase", () => {
  const live = { endedAt: undefined, endedReason: undefined, artifact: undefined, status: "in-progress" };
  const call = fetched(live);
  expect([call.hasEnded, eventOf(call)]).toEqual([
    false,
    { kind: "call.progressed", phase: "in_progress", type: "reconciled-call", occurredAt: null },
  ]);
  expect([call.createdAt, call.changedAt]).toEqual([Date.parse(CREATED), Date.parse(ENDED)]);
});

test("a call that the provider cannot find is an observation", () => {
  expect(eventOf(fetched({ status: "not-found", endedAt: undefined })).kind).toBe("call.observed");
});

describe("lists", () => {
  test("a recorded list is read", () => {
    const page = vapiCalls.readList(fixture("vapi/80-rest-get-call-list.json"));
    expect(page?.unreadable).toBe(0);
    expect(page?.calls.map((call) => eventOf(call).kind)).toContain("call.reported");
  });

  test("elements that are not calls are counted, and the others are read", () => {
    const page = vapiCalls.readList(bytes([apiCall(), null, 7, { id: "no time" }, { createdAt: CREATED }]));
    expect([page?.calls.length, page?.unreadable]).toEqual([1, 4]);
  });

  test.each(["", "{", "{}", "null", '"a list"', '{"message":"Too many requests"}'])(
    "%s is not a list",
    (text) => {
      expect(vapiCalls.readList(Buffer.from(text))).toBeNull();
      expect(vapiCalls.readCall(Buffer.from(text))).toBeNull();
    },
  );

  test("a call that is nested too deeply is counted as unreadable", () => {
    const deep = `[${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}]`;
    expect(vapiCalls.readList(Buffer.from(deep))).toEqual({ calls: [], unreadable: 1 });
  });
});
