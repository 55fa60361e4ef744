import { describe, expect, test } from "vitest";
import { A, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ adopted: true });
const logged = (row: object) => legacy.add("call_logs", { org_id: A, status: "completed", ...row });
const jobs = async () =>
  (
    await legacy.root`
      select c.provider_call_id as call, q.status, q.storage_path, q.source_url
      from recording_upload_queue q join calls c on c.org_id = q.org_id and c.id = q.call_id order by 1`
  ).map((job) => Object.values(job));

describe("the column of a stored recording's path", () => {
  const PROVIDER = "https://provider.test/a.wav?sig=1";

  test.each(["uploading", "undefined", "failed", "null", "Processing...", "processing", "n/a", "5.5"])(
    "'%s' is no path: the recording waits to be fetched, and the word is counted",
    async (word) => {
      await logged({ vapi_call_id: "one", recording_url: PROVIDER, recording_storage_path: word });
      const { columns } = await legacy.adopt();
      expect(await jobs()).toEqual([["one", "pending", null, PROVIDER]]);
      expect(columns.call_logs?.unread).toMatchObject({ recording_storage_path: 1 });
      const [log] = await legacy.root`select details from call_logs where provider_call_id = 'one'`;
      expect(log?.details).toMatchObject({ adopted: { call_logs: { recording_storage_path: word } } });
    },
  );

  test.each(["calls/inbound/1", "1.wav", "s3://bucket/1.mp3"])("'%s' is a path", async (path) => {
    await logged({ vapi_call_id: "one", recording_url: PROVIDER, recording_storage_path: path });
    const { columns } = await legacy.adopt();
    expect(await jobs()).toMatchObject([["one", "stored", path, expect.anything()]]);
    expect(columns.call_logs?.unread).toEqual({});
  });

  test("a URL in it is a source of the recording", async () => {
    await logged({ vapi_call_id: "one", recording_storage_path: PROVIDER });
    await logged({
      vapi_call_id: "two",
      recording_url: "https://other.test/b.wav?t=1",
      recording_storage_path: PROVIDER,
    });
    await legacy.adopt();
    expect(await jobs()).toEqual([
      ["one", "pending", null, PROVIDER],
      ["two", "pending", null, "https://other.test/b.wav?t=1"],
    ]);
    const [log] = await legacy.root`select details from call_logs where provider_call_id = 'two'`;
    expect(log?.details).toMatchObject({ adopted: { call_logs: { recording_storage_path: PROVIDER } } });
  });
});

test("rows with a placeholder instead of the provider's id stay separate calls", async () => {
  const words = ["N/A", "na", " - ", "0", "Test", "nil", "NaN", "[object Object]"];
  for (const vapi_call_id of words) {
    for (const n of [1, 2]) await logged({ vapi_call_id, to_number: `+1202555010${n}` });
  }
  const { calls, columns } = await legacy.adopt();
  expect(calls).toBe(2 * words.length);
  expect(columns.call_logs?.unread).toMatchObject({ vapi_call_id: 2 * words.length });
  const [found] =
    await legacy.root`select count(*)::int as n from calls where provider_call_id like 'adopted:%'`;
  expect(found?.n).toBe(2 * words.length);
});

test("a sentence without a speaker is not the caller's, and each word for a speaker is known", async () => {
  const said = (speaker: string | null, text: string) =>
    legacy.add("call_transcripts", { vapi_call_id: "said", speaker, text });
  await logged({ vapi_call_id: "said" });
  const speakers = [null, "", "Caller", "human", "customer", "AI", "bot", "agent", "system"];
  for (const [n, speaker] of speakers.entries()) await said(speaker, `${n}`);
  await legacy.adopt();
  const rows = await legacy.root`select role, text from call_transcripts order by text`;
  expect(rows.map(({ role }) => role)).toEqual([
    ...["unknown", "unknown", "user", "user", "user", "assistant", "assistant", "assistant", "system"],
  ]);
});

test("a call of which no sentence has a speaker is not one in which the caller was heard", async () => {
  await legacy.add("call_tracking", { org_id: A, vapi_call_id: "mute", status: "completed" });
  await legacy.add("call_transcripts", { vapi_call_id: "mute", speaker: null, text: "Hello?" });
  await legacy.adopt();
  const [row] = await legacy.root`select caller_heard from call_tracking where provider_call_id = 'mute'`;
  expect(row?.caller_heard).toBe(false);
});

test("a status that is not known does not end a call, and is counted", async () => {
  for (const status of ["dialing", "connecting", "on_hold"]) {
    await legacy.add("call_tracking", { org_id: A, vapi_call_id: status, status });
    await legacy.add("call_logs", { org_id: A, vapi_call_id: status, status });
  }
  const { columns } = await legacy.adopt();
  const calls = await legacy.root`select provider_call_id as id, phase, outcome from calls order by 1`;
  expect(calls.map((call) => ({ ...call, isOver: call.phase === "ended" }))).toMatchObject([
    { id: "connecting", isOver: false, outcome: null },
    { id: "dialing", isOver: false, outcome: null },
    { id: "on_hold", isOver: false, outcome: null },
  ]);
  expect(columns.call_tracking?.unread).toEqual({ status: 1 });
  const [held] = await legacy.root`select metadata from call_tracking where provider_call_id = 'on_hold'`;
  expect(held?.metadata).toMatchObject({ adopted: { call_logs: { status: "on_hold" } } });
});
