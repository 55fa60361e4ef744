import { beforeAll, expect, test } from "vitest";
import { deliver, fixture } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

const ids = (...kinds: string[]) =>
  kinds.map((kind) => expect.stringMatching(new RegExp(`^${kind}:[\\w-]{22}$`)));
const applied = (...kinds: string[]) => ({ received: true, outcome: "applied", eventIds: ids(...kinds) });
const observed = { received: true, outcome: "observed", eventIds: ids("observed") };
const chatter = { received: true, outcome: "observed", eventIds: [] };
const noHandler = { result: expect.stringMatching(/No handler/) };

/** Every recorded delivery in the order in which it came, and its reply. */
const REPLIES: readonly (readonly [string, unknown])[] = [
  ["vapi/01-inbound-assistant-request", { assistantId: "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711" }],
  ["vapi/02-inbound-status-update-queued", applied("progressed")],
  ["vapi/03-inbound-status-update-ringing", applied("progressed")],
  ["vapi/04-inbound-status-update-in-progress", applied("progressed")],
  ["vapi/05-inbound-assistant-started", observed],
  ["vapi/06-inbound-speech-update-started", chatter],
  ["vapi/07-inbound-speech-update-stopped", chatter],
  ["vapi/08-inbound-transcript-partial", chatter],
  ["vapi/09-inbound-transcript-final", applied("transcribed")],
  ["vapi/10-inbound-conversation-update", chatter],
  ["vapi/11-inbound-tool-calls", { results: [expect.objectContaining(noHandler)] }],
  ["vapi/13-inbound-hang", observed],
  ["vapi/14-inbound-user-interrupted", observed],
  ["vapi/15-inbound-status-update-ended", applied("ended")],
  ["vapi/16-inbound-end-of-call-report", applied("reported")],
  ["vapi/18-inbound-call-artifact-upload", observed],
  ["vapi/20-outbound-status-update-queued", applied("progressed")],
  ["vapi/21-outbound-status-update-ringing", applied("progressed")],
  ["vapi/22-outbound-no-answer-status-update-ended", applied("ended")],
  ["vapi/23-outbound-no-answer-end-of-call-report", applied("reported")],
  ["vapi/30-failed-status-update-in-progress", applied("progressed")],
  ["vapi/31-failed-status-update-ended", applied("ended")],
  ["vapi/32-failed-end-of-call-report", applied("reported")],
  ["vapi/33-failed-assistant-request-status-update-ended", applied("ended")],
  ["vapi/40-voicemail-status-update-in-progress", applied("progressed")],
  ["vapi/41-voicemail-status-update-ended", applied("ended")],
  ["vapi/50-forwarded-status-update-in-progress", applied("progressed")],
  ["vapi/51-forwarded-status-update-forwarding", applied("progressed")],
  ["vapi/52-forwarded-transfer-update", observed],
  ["vapi/53-forwarded-status-update-ended", applied("ended")],
  ["vapi/60-web-status-update-in-progress", applied("progressed")],
  ["vapi/61-web-status-update-ended", applied("ended")],
  ["vapi/70-unknown-ended-reason-end-of-call-report", applied("reported")],
  ["vapi/71-unknown-message-type", observed],
  ["vapi/72-legacy-function-call", noHandler],
  ["flat/01-call.started", applied("progressed")],
  ["flat/02-call.transcribed", applied("transcribed")],
  ["flat/03-function-call", noHandler],
  ["flat/04-call.ended", applied("ended", "reported")],
  ["flat/05-end-of-call-report", applied("reported")],
];

test.each(REPLIES)("%s", async (name, reply) => {
  const received = await deliver(api.url, fixture(`${name}.json`));
  expect(received.status).toBe(200);
  expect(received.json).toEqual(reply);
});

type Row = Readonly<Record<string, unknown>>;

/** The expected summary rows of the deliveries above, by the end of the call's id. */
const CALLS: readonly (readonly [string, Row])[] = [
  [
    "2f6a9c01d001",
    {
      direction: "inbound",
      outcome: "completed",
      ended_reason: "customer-ended-call",
      customer_number: "+12025550143",
      started_at: new Date("2026-03-12T15:04:03.655Z"),
      ended_at: new Date("2026-03-12T15:04:20.377Z"),
      duration_seconds: 17,
      cost_usd: "0.030400",
    },
  ],
  [
    "90be4f02d002",
    {
      direction: "outbound",
      outcome: "no_answer",
      ended_reason: "customer-did-not-answer",
      customer_number: "+12025550162",
      started_at: null,
      ended_at: new Date("2026-03-12T15:25:02.498Z"),
      duration_seconds: 0,
      cost_usd: "0.000000",
    },
  ],
  [
    "47d05503d003",
    {
      direction: "inbound",
      outcome: "failed",
      ended_reason: "call.in-progress.error-providerfault-openai-503-server-overloaded-error",
      customer_number: "+12025550143",
      started_at: new Date("2026-03-12T15:36:00.010Z"),
      ended_at: new Date("2026-03-12T15:36:09.640Z"),
      duration_seconds: 10,
      cost_usd: "0.008100",
    },
  ],
  [
    "5b1ac603d004",
    {
      direction: "inbound",
      outcome: "failed",
      ended_reason: "assistant-request-failed",
      customer_number: "+12025550143",
      started_at: null,
      ended_at: new Date("2026-03-12T15:38:27.602Z"),
      duration_seconds: null,
      cost_usd: null,
    },
  ],
  [
    "8e33a104d006",
    {
      direction: "outbound",
      outcome: "voicemail",
      ended_reason: "voicemail",
      customer_number: "+12025550162",
      started_at: new Date("2026-03-12T15:52:14.300Z"),
      ended_at: new Date("2026-03-12T15:52:31.880Z"),
      duration_seconds: 18,
      cost_usd: null,
    },
  ],
  [
    "62c1d805d007",
    {
      direction: "inbound",
      outcome: "forwarded",
      ended_reason: "assistant-forwarded-call",
      customer_number: "+12025550143",
      started_at: new Date("2026-03-12T16:08:42.800Z"),
      ended_at: new Date("2026-03-12T16:08:57.900Z"),
      duration_seconds: 15,
      cost_usd: null,
    },
  ],
  [
    "0c94e606d008",
    {
      direction: "web",
      outcome: "unknown",
      ended_reason: "silence-timed-out",
      customer_number: null,
      started_at: new Date("2026-03-12T16:25:01.900Z"),
      ended_at: new Date("2026-03-12T16:25:44.450Z"),
      duration_seconds: 43,
      cost_usd: null,
    },
  ],
  [
    "000000000009",
    {
      direction: "inbound",
      outcome: "failed",
      ended_reason: "call.in-progress.error-providerfault-some-future-vendor-failed",
      customer_number: "+12025550143",
      started_at: new Date("2026-03-12T17:00:00.000Z"),
      ended_at: new Date("2026-03-12T17:00:05.000Z"),
      duration_seconds: 5,
      cost_usd: null,
    },
  ],
  [
    "2f6a9c01d00f",
    {
      direction: "unknown",
      outcome: "completed",
      ended_reason: "customer-ended-call",
      customer_number: "+12025550143",
      started_at: null,
      ended_at: null,
      duration_seconds: 17,
      cost_usd: "0.030400",
    },
  ],
];

test.each(CALLS)("call …%s has exactly its row", async (callId, expected) => {
  const rows = await ledger.sql`select * from calls where provider_call_id like ${`%${callId}`}`;
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ ...expected, phase: "ended", org_id: ledger.orgId, provider: "vapi" });
  expect(rows[0]?.agent_id).not.toBeNull();
});

test("there is no other call, and nothing is quarantined", async () => {
  expect(await ledger.sql`select count(*)::int from calls`).toEqual([{ count: CALLS.length }]);
  expect(await ledger.sql`select reason from quarantined_deliveries`).toEqual([]);
});

test("the other layers of the first call have the spoken text, and its recordings are queued", async () => {
  const { sql } = ledger;
  const id = "019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001";
  expect(
    await sql`select phase, ringing_at, answered_at, ended_at from call_tracking where provider_call_id = ${id}`,
  ).toEqual([
    {
      phase: "ended",
      ringing_at: new Date("2026-03-12T15:04:02.790Z"),
      answered_at: new Date("2026-03-12T15:04:03.655Z"),
      ended_at: new Date("2026-03-12T15:04:20.377Z"),
    },
  ]);
  const [log] = await sql`select transcript, summary, analysis from call_logs where provider_call_id = ${id}`;
  expect(log?.transcript).toMatch(/^AI: Northgate Plumbing, this is Riley\./);
  expect(log?.summary).toMatch(/^Caller reported a leaking water heater/);
  expect(log?.analysis).toMatchObject({ structuredData: { confirmation: "NG-4471" } });
  const segments = sql`select t.role, t.text from call_transcripts t join calls c on c.id = t.call_id
    where c.provider_call_id = ${id}`;
  expect(await segments).toEqual([{ role: "user", text: expect.stringMatching(/water heater/) }]);
  const queued = sql`select q.channel, q.status from recording_upload_queue q join calls c on c.id = q.call_id
    where c.provider_call_id = ${id} order by q.channel`;
  expect(await queued).toEqual([
    { channel: "mono", status: "pending" },
    { channel: "stereo", status: "pending" },
  ]);
});
