import { makeKey } from "@call-ledger/api/testing/access";
import type { RunningApi } from "@call-ledger/api/testing/running-api";
import { startApi, untilReady } from "@call-ledger/api/testing/running-api";
import { callPageSchema } from "@call-ledger/contract/calls";
import { timelineSchema } from "@call-ledger/contract/events";
import type { SimulatedCall } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import type { ReconciledLedger } from "@call-ledger/worker/testing/reconciled-ledger";
import { MINUTE, reconciledLedger } from "@call-ledger/worker/testing/reconciled-ledger";
import { afterAll, beforeAll, expect, test } from "vitest";

/* The same calls in two ledgers: one received their deliveries, the other read them from the provider's API. */

type Side = { readonly ledger: ReconciledLedger; readonly api: RunningApi; readonly bearer: object };

let received: Side;
let fetched: Side;
let calls: SimulatedCall[];

async function side(): Promise<Side> {
  const ledger = await reconciledLedger();
  const api = await startApi(ledger.database.appUrl);
  await untilReady(api);
  const scopes = ["calls:read", "calls:details", "costs:read"] as const;
  return { ledger, api, bearer: (await makeKey(ledger, { scopes })).bearer };
}

beforeAll(async () => {
  [received, fetched] = await Promise.all([side(), side()]);
  const startedAt = received.ledger.now() - 60 * MINUTE;
  const outcomes = ["completed", "no_answer", "voicemail", "forwarded", "failed"] as const;
  calls = outcomes.map((outcome, seed) => {
    const options = {
      seed,
      outcome,
      assistantId: "assistant-1",
      startedAt: startedAt - seed * MINUTE,
      turns: 6,
    };
    fetched.ledger.call(options);
    return simulateCall(options);
  });
  for (const call of calls) await received.ledger.deliver(call);
  await fetched.ledger.reconcile();
});

afterAll(async () => {
  for (const { api, ledger } of [received, fetched]) {
    await api.stop();
    await ledger.drop();
  }
});

async function ask({ api, bearer }: Side, path: string): Promise<string> {
  const answer = await fetch(`${api.url}/api/v1${path}`, { headers: { ...bearer } });
  expect(answer.status, path).toBe(200);
  return answer.text();
}

/** Fields that differ between ledgers, or contain the time of a row. */
const INCIDENTAL = ["id", "first_seen_at", "updated_at", "created_at", "received_at", "next_attempt_at"];
/** Facts that only Vapi's deliveries have. */
const NOT_IN_THE_API = ["ringing_at", "answered_at", "our_number"];
/** A fact that the API and one event's delivery have, but a report does not. */
const NOT_IN_REPORTS = ["destination"];
const LEFT_OUT = [...INCIDENTAL, ...NOT_IN_THE_API, ...NOT_IN_REPORTS];

function withoutIncidentals(text: string): unknown {
  return JSON.parse(text, (key, value) => {
    if (LEFT_OUT.includes(key)) return undefined;
    // The API has no duration for a call that nobody answered.
    return key === "duration_seconds" ? (value ?? 0) : value;
  });
}

/** Returns a call as the list shows it. */
async function listed(side: Side, callId: string): Promise<unknown> {
  const { data } = callPageSchema.parse(JSON.parse(await ask(side, "/calls")));
  const found = data.find(({ provider_call_id }) => provider_call_id === callId);
  return withoutIncidentals(JSON.stringify(found));
}

test("a repaired call is listed and shown like a received one", async () => {
  for (const { callId } of calls) {
    const path = `/calls/${callId}`;
    const [theirs, ours] = await Promise.all([ask(received, path), ask(fetched, path)]);
    expect(withoutIncidentals(ours), path).toEqual(withoutIncidentals(theirs));
    const [listedThere, listedHere] = await Promise.all([listed(received, callId), listed(fetched, callId)]);
    expect(listedHere).toEqual(listedThere);
  }
});

test("a call that nobody answered is listed at its end, not at its repair", async () => {
  const { data } = callPageSchema.parse(JSON.parse(await ask(fetched, "/calls")));
  const unanswered = data.filter(({ started_at }) => started_at === null);
  expect(unanswered.length).toBeGreaterThan(0);
  for (const call of unanswered) expect(call.first_seen_at).toBe(call.ended_at);
});

test("its timeline shows its source", async () => {
  const [call] = calls;
  const timelineOf = async (side: Side) =>
    timelineSchema.parse(JSON.parse(await ask(side, `/calls/${call?.callId}/timeline`))).data;
  expect(await timelineOf(fetched)).toMatchObject([{ type: "reconciled-call", source: "reconcile" }]);
  expect((await timelineOf(received)).every(({ source }) => source === "webhook")).toBe(true);
});
