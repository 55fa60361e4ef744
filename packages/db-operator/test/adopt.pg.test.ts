import { describe, expect, test } from "vitest";
import { A, AGENT_A, contentOf, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ adopted: true });
const at = (time: string) => `2025-06-01T${time}.000Z`;
const call = async (id: string) =>
  (await legacy.root`select * from calls where provider_call_id = ${id}`).map((row) => ({ ...row }))[0];
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;

test("a call in all tables is booked with the facts of each of them", async () => {
  await legacy.add("call_tracking", {
    id: id(1),
    org_id: A,
    lead_id: id(90),
    agent_id: AGENT_A,
    vapi_call_id: "whole",
    phone: "+12025550143",
    status: "completed",
    started_at: at("10:00:00"),
    ended_at: at("10:02:05"),
    answered: true,
    call_outcome: "completed",
    sentiment: "positive",
    metadata: legacy.root.json({ channel: "outbound", from: "tracking" }),
    created_at: at("09:59:00"),
  });
  await legacy.add("call_logs", {
    vapi_call_id: "whole",
    to_number: "+12025550143",
    status: "completed",
    outcome: "completed",
    started_at: at("10:00:00"),
    ended_at: at("10:02:05"),
    duration_seconds: 125,
    recording_url: "https://storage.test/whole.wav?token=secret",
    recording_storage_path: "recordings/whole.wav",
    transcript: "AI: Hello.",
    cost: 0.42,
    metadata: legacy.root.json({ from: "logs", is_test_call: false }),
    updated_at: at("10:03:00"),
  });
  await legacy.add("calls", {
    org_id: A,
    phone_number: "+12025550143",
    call_date: "2025-06-01T10:02:06",
    duration_seconds: 125,
    status: "completed",
    transcript: legacy.root.json([{ speaker: "agent", text: "Hello." }]),
    sentiment_score: 0.5,
    action_items: ["call back"],
    vapi_call_id: "whole",
  });
  await legacy.add("call_transcripts", {
    call_id: id(1),
    speaker: "customer",
    text: "Hi.",
    timestamp: at("10:00:05"),
  });
  await legacy.add("processed_webhook_events", {
    event_id: "ended:whole",
    call_id: "whole",
    event_type: "ended",
  });

  expect(legacy.counts(await legacy.adopt())).toEqual({ moved: 5, unattributed: 0, duplicates: 4, rows: 9 });
  expect(await call("whole")).toMatchObject({
    org_id: A,
    agent_id: AGENT_A,
    direction: "outbound",
    phase: "ended",
    outcome: "completed",
    customer_number: "+12025550143",
    started_at: new Date(at("10:00:00")),
    ended_at: new Date(at("10:02:05")),
    duration_seconds: 125,
    cost_usd: "0.420000",
    recording_storage_path: "recordings/whole.wav",
    created_at: new Date(at("09:59:00")),
  });
  const [tracking] = await legacy.root`select * from call_tracking`;
  expect(tracking).toMatchObject({
    lead_id: id(90),
    metadata: { channel: "outbound", from: "logs", is_test_call: false },
    answered_at: new Date(at("10:00:00")),
  });
  const [log] = await legacy.root`select * from call_logs`;
  expect(log).toMatchObject({
    transcript: "AI: Hello.",
    messages: [{ speaker: "agent", text: "Hello." }],
    analysis: { sentiment: "positive", sentiment_score: 0.5, action_items: ["call back"] },
    recording_url: "https://storage.test/whole.wav",
  });
  const [segment] = await legacy.root`select role, text, occurred_at from call_transcripts`;
  expect(segment).toEqual({ role: "user", text: "Hi.", occurred_at: new Date(at("10:00:05")) });
  const [job] =
    await legacy.root`select channel, status, storage_path, size_bytes, sha256 from recording_upload_queue`;
  expect(job).toEqual({
    channel: "mono",
    status: "stored",
    storage_path: "recordings/whole.wav",
    size_bytes: null,
    sha256: null,
  });
});

test("a recording that the ledger has stored stays, and the summary equals a recomputed one", async () => {
  const logged = (number: number, vapi_call_id: string) =>
    legacy.add("call_logs", {
      org_id: A,
      vapi_call_id,
      status: "completed",
      transcript: String(number),
      recording_storage_path: `old/${number}.wav`,
    });
  await logged(1, "kept");
  await legacy.adopt();
  await legacy.root`update recording_upload_queue set storage_path = 'new/1.wav'`;
  await legacy.root`select call_ledger.summarize_calls(array_agg(org_id), array_agg(id)) from calls`;
  await legacy.root`insert into adopted.call_logs (org_id, vapi_call_id, status, cost, recording_storage_path)
    values (${A}, 'kept', 'completed', 3, 'old/1-again.wav')`;
  await logged(2, "other");
  await legacy.adopt();
  expect(await call("kept")).toMatchObject({ cost_usd: "3.000000", recording_storage_path: "new/1.wav" });
  expect(await call("other")).toMatchObject({ recording_storage_path: "old/2.wav" });
  const before = await contentOf(legacy.root);
  await legacy.root`select call_ledger.summarize_calls(array_agg(org_id), array_agg(id)) from calls`;
  expect(await contentOf(legacy.root)).toBe(before);
});

describe("faults of the old tables", () => {
  test("a call that is over stays over, with any spelling of its status and after a handler that died", async () => {
    await legacy.add("call_tracking", {
      org_id: A,
      vapi_call_id: "died",
      status: "in_progress",
      started_at: at("10:00:00"),
    });
    await legacy.add("calls", {
      org_id: A,
      phone_number: "+12025550143",
      call_date: at("10:02:00"),
      status: "missed",
      vapi_call_id: "died",
    });
    await legacy.add("call_logs", {
      org_id: A,
      vapi_call_id: "on",
      status: "in-progress",
      started_at: at("10:00:00"),
    });
    await legacy.add("call_tracking", { org_id: A, vapi_call_id: "on_too", status: "in_progress" });
    await legacy.adopt();
    expect(await call("died")).toMatchObject({ phase: "ended", outcome: "no_answer" });
    expect(await call("on")).toMatchObject({ phase: "in_progress", outcome: null });
    expect(await call("on_too")).toMatchObject({ phase: "in_progress", outcome: null });
  });

  test("a second row of a call is a duplicate, and its additional facts are merged", async () => {
    const row = { org_id: A, vapi_call_id: "twice", status: "completed" };
    await legacy.add("call_logs", {
      ...row,
      id: id(1),
      transcript: "earlier",
      cost: 0.5,
      updated_at: at("10:00:00"),
    });
    await legacy.add("call_logs", { ...row, id: id(2), transcript: "later", updated_at: at("11:00:00") });
    expect(legacy.counts(await legacy.adopt())).toEqual({
      moved: 1,
      unattributed: 0,
      duplicates: 5,
      rows: 6,
    });
    const [log] = await legacy.root`select transcript, cost_usd from call_logs`;
    expect(log).toEqual({ transcript: "later", cost_usd: "0.500000" });
  });

  test("a row without the provider's id becomes a separate call", async () => {
    await legacy.add("calls", {
      id: id(1),
      org_id: A,
      phone_number: "+12025550143",
      call_date: "2025-06-01T10:00:00",
      duration_seconds: 30,
      status: "completed",
    });
    await legacy.adopt();
    expect(await call(`adopted:calls:${id(1)}`)).toMatchObject({
      org_id: A,
      started_at: new Date(at("10:00:00")),
      duration_seconds: 30,
    });
  });

  test("'completed' counts only without another outcome, and a provider's reason is kept", async () => {
    const row = { org_id: A, status: "completed" };
    await legacy.add("call_tracking", {
      ...row,
      vapi_call_id: "voicemail",
      voicemail: true,
      call_outcome: "completed",
    });
    await legacy.add("call_logs", { ...row, vapi_call_id: "voicemail", outcome: "completed" });
    await legacy.add("call_tracking", { ...row, vapi_call_id: "busy", call_outcome: "customer-busy" });
    await legacy.add("call_logs", { ...row, vapi_call_id: "busy", outcome: "completed" });
    await legacy.add("call_tracking", { ...row, vapi_call_id: "engaged", call_outcome: "Busy" });
    await legacy.add("call_logs", { ...row, vapi_call_id: "engaged", outcome: "completed" });
    await legacy.adopt();
    expect(await call("voicemail")).toMatchObject({ outcome: "voicemail", ended_reason: null });
    expect(await call("busy")).toMatchObject({ outcome: "busy", ended_reason: "customer-busy" });
    expect(await call("engaged")).toMatchObject({ outcome: "busy", ended_reason: null });
  });

  test("a recording that stayed 'processing' waits to be fetched", async () => {
    const row = { org_id: A, status: "completed", recording_storage_path: "processing" };
    await legacy.add("call_logs", {
      ...row,
      id: id(1),
      vapi_call_id: "named",
      recording_url: "https://storage.test/n.wav?sig=1",
    });
    await legacy.add("call_logs", { ...row, id: id(2), vapi_call_id: "unnamed" });
    await legacy.add("recording_upload_queue", {
      call_id: id(2),
      recording_url: JSON.stringify({ stereoUrl: "https://storage.test/stereo.wav" }),
      status: "processing",
    });
    await legacy.adopt();
    const jobs =
      await legacy.root`select c.provider_call_id as call, q.channel, q.status, q.recording_url, q.source_url
      from recording_upload_queue q join calls c on c.id = q.call_id order by 1, 2`;
    expect(jobs.map((job) => Object.values(job))).toEqual([
      ["named", "mono", "pending", "https://storage.test/n.wav", "https://storage.test/n.wav?sig=1"],
      ["unnamed", "mono", "pending", null, null],
      ["unnamed", "stereo", "pending", "https://storage.test/stereo.wav", null],
    ]);
    expect(await call("unnamed")).toMatchObject({ recording_storage_path: null });
  });

  test("a call that only a replay guard knows is booked if one of its rows names the organization", async () => {
    await legacy.add("recording_upload_queue", {
      call_id: id(7),
      vapi_call_id: "heard",
      org_id: A,
      recording_url: "none",
    });
    await legacy.add("processed_webhook_events", {
      event_id: "call.started:heard",
      call_id: "heard",
      event_type: "call.started",
    });
    await legacy.add("processed_webhook_events", {
      event_id: "call.started:unheard",
      call_id: "unheard",
      event_type: "call.started",
    });
    expect(legacy.counts(await legacy.adopt())).toEqual({
      moved: 2,
      unattributed: 1,
      duplicates: 4,
      rows: 7,
    });
    expect(await call("heard")).toMatchObject({ org_id: A, phase: null });
  });
});
