import { describe, expect, test } from "vitest";
import { A, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ whole: true });
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;
const at = (time: string) => `2025-06-01T${time}.000Z`;
const call = async (providerCallId: string) =>
  (await legacy.root`select * from calls where provider_call_id = ${providerCallId}`).map((row) => ({
    ...row,
  }))[0];
const detailsOf = async (providerCallId: string) =>
  (await legacy.root`select details from call_logs where provider_call_id = ${providerCallId}`)[0]?.details;

describe("a call of the real columns", () => {
  test("a given duration is kept, whichever table has it", async () => {
    const times = { started_at: at("10:00:00"), ended_at: at("10:02:00"), duration_seconds: 100 };
    await legacy.add("call_tracking", {
      org_id: A,
      vapi_call_id: "tracked",
      status: "completed",
      answered: true,
      ...times,
    });
    await legacy.add("call_logs", { org_id: A, vapi_call_id: "logged", status: "completed", ...times });
    await legacy.add("call_logs", {
      org_id: A,
      vapi_call_id: "oldest",
      status: "completed",
      start_time: at("10:00:00"),
      end_time: at("10:00:40"),
    });
    await legacy.adopt();
    expect(await call("tracked")).toMatchObject({
      duration_seconds: 100,
      ended_at: new Date(at("10:02:00")),
    });
    expect(await call("logged")).toMatchObject({
      duration_seconds: 100,
      started_at: new Date(at("10:00:00")),
    });
    expect(await call("oldest")).toMatchObject({
      duration_seconds: 40,
      started_at: new Date(at("10:00:00")),
      ended_at: new Date(at("10:00:40")),
    });
  });

  test("the direction decides whose a number is; without one both numbers are kept", async () => {
    const polled = { org_id: A, status: "completed", from_number: "+12025550143", to_number: "+12025550100" };
    await legacy.add("call_logs", {
      ...polled,
      id: id(1),
      call_sid: "CA1",
      call_type: "inbound",
      duration_seconds: 31,
      started_at: at("10:00:00"),
      ended_at: "2025-06-03T20:00:00Z",
    });
    await legacy.add("call_logs", { ...polled, id: id(2), call_sid: "vapi-x", call_type: "outbound" });
    await legacy.add("call_logs", { ...polled, id: id(3) });
    await legacy.add("call_logs", {
      org_id: A,
      vapi_call_id: "webhook",
      status: "completed",
      to_number: "+12025550143",
      call_type: "inbound",
      caller_name: "Ada",
    });
    await legacy.adopt();
    expect(await call(`adopted:call_logs:${id(1)}`)).toMatchObject({
      direction: "inbound",
      customer_number: "+12025550143",
      carrier_call_id: "CA1",
      duration_seconds: 31,
    });
    expect(await call(`adopted:call_logs:${id(2)}`)).toMatchObject({
      direction: "outbound",
      customer_number: "+12025550100",
      carrier_call_id: null,
    });
    expect(await call(`adopted:call_logs:${id(3)}`)).toMatchObject({
      direction: "unknown",
      customer_number: null,
    });
    expect(await detailsOf(`adopted:call_logs:${id(3)}`)).toMatchObject({
      adopted: { call_logs: { from_number: "+12025550143", to_number: "+12025550100" } },
    });
    expect(await call("webhook")).toMatchObject({ customer_number: "+12025550143", customer_name: "Ada" });
  });

  test("a list as transcript is the conversation, and an empty list is none", async () => {
    const turns = [
      { speaker: "agent", text: "Hello." },
      { speaker: "customer", text: "Hi." },
    ];
    await legacy.add("call_logs", {
      org_id: A,
      vapi_call_id: "spoken",
      status: "completed",
      transcript: legacy.root.json(turns),
    });
    await legacy.add("call_logs", {
      org_id: A,
      vapi_call_id: "open",
      status: "in-progress",
      transcript: legacy.root.json([]),
    });
    await legacy.adopt();
    const [log] =
      await legacy.root`select transcript, messages from call_logs where provider_call_id = 'spoken'`;
    expect(log).toEqual({ transcript: "agent: Hello.\ncustomer: Hi.", messages: turns });
    expect(await call("open")).toMatchObject({ phase: "in_progress", outcome: null });
  });

  test("a value without a column is kept by table, in the report or without one in the metadata", async () => {
    await legacy.add("call_logs", {
      org_id: A,
      vapi_call_id: "over",
      status: "completed",
      outcome: "completed",
      outcome_summary: "Booked.",
      sentiment_label: "positive",
      sentiment_score: 0.9,
      sentiment_urgency: "low",
      intent: "booking",
      tags: ["vip"],
      transfer_to: "+12025550177",
      total_cost: 0.25,
    });
    await legacy.add("call_tracking", {
      org_id: A,
      vapi_call_id: "over",
      status: "completed",
      call_outcome: "answered_interested",
      call_notes: "call again",
      meeting_booked: true,
    });
    await legacy.add("call_tracking", {
      org_id: A,
      vapi_call_id: "rings",
      status: "ringing",
      call_notes: "hot",
    });
    await legacy.adopt();
    expect(await call("over")).toMatchObject({
      outcome: "completed",
      forwarded_to: "+12025550177",
      cost_usd: "0.250000",
    });
    const [log] =
      await legacy.root`select summary, analysis, details from call_logs where provider_call_id = 'over'`;
    expect(log).toEqual({
      summary: "Booked.",
      analysis: { sentiment_label: "positive", sentiment_score: 0.9, sentiment_urgency: "low" },
      details: {
        adopted: {
          call_tracking: {
            call_notes: "call again",
            call_outcome: "answered_interested",
            demo_sent: false,
            meeting_booked: true,
          },
          call_logs: { intent: "booking", tags: ["vip"] },
        },
      },
    });
    const [rings] = await legacy.root`select metadata from call_tracking where provider_call_id = 'rings'`;
    expect(rings?.metadata).toEqual({ adopted: { call_tracking: { call_notes: "hot", demo_sent: false } } });
  });

  test("each column of each table is read, kept, or named with the rows that have a value", async () => {
    const { columns } = await legacy.adopt({ dryRun: true });
    const found = await legacy.root`select c.table_name || '.' || c.column_name as name
      from information_schema.columns c where c.table_schema = 'public' and c.table_name in ${legacy.root(Object.keys(columns))}
      order by 1`;
    const named = Object.entries(columns).flatMap(([table, { read, kept, left }]) =>
      [...read, ...kept, ...Object.keys(left)].map((column) => `${table}.${column}`),
    );
    expect(named.toSorted()).toEqual(found.map(({ name }) => name).toSorted());
    expect(Object.keys(columns)).toContain("failed_recording_uploads");
    expect(columns.organizations?.left).toEqual({ email: 0, plan: 0, status: 2, updated_at: 0 });
    expect(columns.call_logs?.kept).toContain("intent");
  });
});

test("a recording that only the list of failed uploads names is fetched, as long as the provider has it", async () => {
  const recording = {
    stereoUrl: "https://storage.test/f-stereo.wav",
    mono: { combinedUrl: "https://storage.test/f.wav" },
  };
  await legacy.add("call_logs", {
    id: id(1),
    org_id: A,
    vapi_call_id: "refused",
    status: "completed",
    ended_at: at("10:01:00"),
  });
  await legacy.add("failed_recording_uploads", {
    id: id(2),
    call_id: id(1),
    vapi_recording_url: JSON.stringify(recording),
    error_message: "Queue error",
  });
  await legacy.add("call_logs", {
    org_id: A,
    vapi_call_id: "stored",
    status: "completed",
    recording_storage_path: "calls/inbound/1.wav",
    recording_signed_url: "https://old.test/1.wav?token=t",
    recording_signed_url_expires_at: at("11:00:00"),
  });
  const { tables, columns } = await legacy.adopt();
  expect(tables.failed_recording_uploads).toEqual({ moved: 1, unattributed: 0, duplicates: 0 });
  expect(columns.failed_recording_uploads?.left).toMatchObject({ error_message: 1, resolved_at: 0 });
  const jobs = await legacy.root`
    select c.provider_call_id as call, q.channel, q.status, q.recording_url, q.source_expires_at, c.ended_at
    from recording_upload_queue q join calls c on c.id = q.call_id order by 1, 2`;
  expect(jobs.map((job) => Object.values(job))).toEqual([
    ["refused", "mono", "pending", "https://storage.test/f.wav", null, new Date(at("10:01:00"))],
    ["refused", "stereo", "pending", "https://storage.test/f-stereo.wav", null, new Date(at("10:01:00"))],
    ["stored", "mono", "stored", "https://old.test/1.wav", new Date(at("11:00:00")), null],
  ]);
});

test("placeholders and calls without an end are marked overdue by the first run of the housekeeping", async () => {
  await legacy.add("call_tracking", {
    org_id: A,
    vapi_call_id: "pending-1",
    call_outcome: "queued",
    called_at: at("10:00:00"),
    created_at: at("10:00:00"),
  });
  await legacy.add("call_tracking", {
    org_id: A,
    vapi_call_id: "crashed",
    status: "in_progress",
    started_at: at("10:00:00"),
    created_at: at("10:00:00"),
  });
  await legacy.add("call_tracking", {
    org_id: A,
    vapi_call_id: "campaign",
    call_outcome: "answered_not_interested",
    duration_seconds: 95,
    answered: true,
  });
  await legacy.adopt();
  await legacy.root`select call_ledger.mark_overdue_calls(3600, 14400, 3600, 100)`;
  expect(await call("pending-1")).toMatchObject({ phase: "queued", attention: ["stuck"] });
  expect(await call("crashed")).toMatchObject({ phase: "in_progress", attention: ["stuck"] });
  expect(await call("campaign")).toMatchObject({
    phase: "ended",
    outcome: "completed",
    duration_seconds: 95,
  });
});
