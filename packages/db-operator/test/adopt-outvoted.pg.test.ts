import { expect, test } from "vitest";
import { A, AGENT_A, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ whole: true });
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;
const at = (time: string) => `2025-06-01T${time}.000Z`;
const row = (table: string, vapi_call_id: string, fields: object) =>
  legacy.add(table, { org_id: A, vapi_call_id, status: "completed", ...fields });
const json = (value: object) => legacy.root.json(value as never);
const called = async (providerCallId: string) =>
  (
    await legacy.root`
      select c.*, t.metadata, t.lead_id, l.transcript, l.details -> 'adopted' as adopted
      from calls c join call_tracking t using (org_id, id) left join call_logs l using (org_id, id)
      where c.provider_call_id = ${providerCallId}`
  )[0];

test("two columns of one row for one fact: the second is kept", async () => {
  const call = { started_at: at("10:00:00"), ended_at: at("10:01:00"), updated_at: at("10:02:00") };
  await row("call_logs", "texts", { ...call, transcript: json(["said"]), transcript_text: "written" });
  await row("call_logs", "numbers", {
    ...call,
    to_number: "+12025550101",
    phone_number: "+12025550102",
    cost: 0.5,
    total_cost: 0.75,
  });
  await row("call_logs", "words", { ...call, transcript: '"first"', transcript_text: "second" });
  const { columns } = await legacy.adopt();
  expect(await called("texts")).toMatchObject({ transcript: "written", adopted: null });
  expect(await called("numbers")).toMatchObject({
    customer_number: "+12025550102",
    adopted: { call_logs: { to_number: "+12025550101", total_cost: 0.75 } },
  });
  expect(await called("words")).toMatchObject({
    transcript: "first",
    adopted: { call_logs: { transcript_text: "second" } },
  });
  expect(columns.call_logs?.outvoted).toEqual({});
});

test("of two tables call_logs wins, and the values of the other one are kept and counted", async () => {
  await row("call_tracking", "both", {
    agent_id: AGENT_A,
    lead_id: id(1),
    phone: "+12025550101",
    started_at: at("10:00:01"),
    ended_at: at("10:01:01"),
    duration_seconds: 61,
    transcript: "spoken",
    sentiment: "bad",
    call_outcome: "busy",
    metadata: json({ k: "tracking", own: 1, adopted: "theirs" }),
  });
  await row("calls", "both", {
    phone_number: "+12025550101",
    call_date: "2025-06-01T10:01:02",
    recording_url: "https://storage.test/calls.wav",
    recording_storage_path: "old/calls.wav",
    transcript: json([{ speaker: "agent", text: "Hi." }]),
  });
  await row("call_logs", "both", {
    lead_id: id(2),
    to_number: "+12025550102",
    started_at: at("10:00:00"),
    ended_at: at("10:01:00"),
    duration_seconds: 60,
    transcript: '"written"',
    sentiment: "good",
    outcome: "failed",
    recording_url: "https://storage.test/logs.wav",
    recording_storage_path: "old/logs.wav",
    metadata: json({ k: "logs" }),
  });
  const { columns } = await legacy.adopt();
  expect(await called("both")).toMatchObject({
    agent_id: AGENT_A,
    lead_id: id(2),
    customer_number: "+12025550102",
    outcome: "failed",
    duration_seconds: 60,
    transcript: "written",
    recording_storage_path: "old/logs.wav",
    metadata: { k: "logs", own: 1 },
    adopted: {
      outvoted: {
        call_tracking: {
          lead_id: [id(1)],
          phone: ["+12025550101"],
          duration_seconds: [61],
          transcript: ["spoken"],
          sentiment: ["bad"],
          call_outcome: ["busy"],
          metadata: [{ k: "tracking", adopted: "theirs" }],
        },
        calls: {
          phone_number: ["+12025550101"],
          call_date: ["2025-06-01T10:01:02"],
          recording_url: ["https://storage.test/calls.wav"],
          recording_storage_path: ["old/calls.wav"],
        },
      },
    },
  });
  expect(columns.call_tracking?.outvoted).toEqual({
    call_outcome: 1,
    duration_seconds: 1,
    lead_id: 1,
    metadata: 1,
    phone: 1,
    sentiment: 1,
    transcript: 1,
  });
  expect(columns.calls?.outvoted).toEqual({
    call_date: 1,
    phone_number: 1,
    recording_storage_path: 1,
    recording_url: 1,
  });
});

test("of two rows of one table the later one wins, whatever their ids are", async () => {
  for (const [number, time, fields] of [
    [1, "10:00:00", { intent: "older", caller_name: "Old", to_number: "+12025550101", outcome: "busy" }],
    [2, "11:00:00", { intent: "newer", caller_name: "New", to_number: "+12025550102", outcome: "failed" }],
    [3, "09:00:00", { intent: "oldest", caller_name: "Old", to_number: "+12025550102", outcome: "failed" }],
  ] as const) {
    await row("call_logs", "twice", { id: id(number), updated_at: at(time), ...fields });
  }
  await row("call_tracking", "noted", { id: id(4), updated_at: at("10:00:00"), call_notes: "older" });
  await row("call_tracking", "noted", { id: id(5), updated_at: at("11:00:00"), call_notes: "newer" });
  const foretold = await legacy.adopt({ dryRun: true });
  const result = await legacy.adopt();
  expect(result).toEqual(foretold);
  expect(await called("twice")).toMatchObject({
    customer_name: "New",
    customer_number: "+12025550102",
    outcome: "failed",
    adopted: {
      call_logs: { intent: "newer" },
      outvoted: {
        call_logs: {
          intent: ["older", "oldest"],
          caller_name: ["Old"],
          to_number: ["+12025550101"],
          outcome: ["busy"],
        },
      },
    },
  });
  expect(await called("noted")).toMatchObject({
    adopted: {
      call_tracking: { call_notes: "newer" },
      outvoted: { call_tracking: { call_notes: ["older"] } },
    },
  });
  expect(result.columns.call_logs?.outvoted).toEqual({ caller_name: 2, intent: 2, outcome: 1, to_number: 1 });
  expect(result.columns.call_tracking?.outvoted).toEqual({ call_notes: 1 });
});

test("a call without a report keeps such values in its metadata, beside the application's own", async () => {
  await row("call_tracking", "rings", {
    status: "ringing",
    call_notes: "hot",
    duration_seconds: 0,
    metadata: json({ adopted: { by: "them" }, k: 1 }),
  });
  await legacy.adopt();
  expect((await called("rings"))?.metadata).toEqual({
    k: 1,
    adopted: {
      call_tracking: {
        call_notes: "hot",
        demo_sent: false,
        duration_seconds: 0,
        metadata: { adopted: { by: "them" } },
      },
    },
  });
});

test("the URLs of two recordings of one channel are both kept", async () => {
  await row("call_logs", "logged", { recording_url: "https://storage.test/one.wav?token=1" });
  await legacy.add("recording_upload_queue", {
    org_id: A,
    call_id: id(1),
    vapi_call_id: "logged",
    recording_url: "https://provider.test/two.wav",
  });
  const { columns } = await legacy.adopt();
  expect((await called("logged"))?.adopted).toEqual({
    outvoted: { recording_upload_queue: { recording_url: ["https://provider.test/two.wav"] } },
  });
  expect(columns.recording_upload_queue?.outvoted).toEqual({ recording_url: 1 });
});
