import { expect, test } from "vitest";
import { A, AGENT_A, B, contentOf, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ whole: true });
/** The call tables, with the type of their columns. */
const TABLES = { call_tracking: "text", call_logs: "jsonb", calls: "text" } as const;
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;
const ORPHAN = "ffffffff-0000-4000-8000-00000000000f";

/** Values of every kind that some handler wrote, with the ledger's value if it reads another one. */
const ODD: readonly (readonly [unknown, string?])[] = [
  [null],
  [" "],
  ["a word"],
  ['"quoted"', "quoted"],
  [[{ speaker: "agent", text: "a turn" }, "a line", 7, null], "a turn"],
  [{ messages: [{ role: "bot", message: "was said" }] }, "was said"],
  [JSON.stringify([{ role: "user", content: "in text" }]), "in text"],
  [JSON.stringify({ stereoUrl: "https://storage.test/s.wav" }), "https://storage.test/s.wav"],
  ["{broken"],
  ["https://storage.test/m.wav?X-Amz-Expires=1"],
  ["s3://bucket/m.wav"],
  [true],
  [0],
  [-5],
  ["125.5", ":126"],
  ["00:02:05", ":125"],
  ["$0.42", "0.42"],
  ["0,42 EUR"],
  ["0x1F"],
  ["NaN"],
  ["2147483648", "2038-01-19T03:14:08"],
  ["(202) 555-0143"],
  ["2025-06-01 10:00:00+05:30", "2025-06-01T04:30:00"],
  ["2025-06-01 10:00 UTC", "2025-06-01T10:00:00"],
  [1_748_772_000_123, "2025-06-01T10:00:00.123"],
  ["yesterday"],
  ["0001-01-01 00:00:00 BC"],
  ["In Progress", "in_progress"],
  ["on_hold"],
  ["answered_interested"],
  ["inboundPhoneCall", "inbound"],
  [ORPHAN],
  [AGENT_A],
  ["x".repeat(300)],
];

/** Every column of a call table that is read, and two others, one of them with a name in one of our queries. */
const COLUMNS = (
  "lead_id agent_id call_sid twilio_call_sid phone phone_number from_number to_number caller_name call_type direction " +
  "call_direction status call_outcome outcome outcome_summary voicemail answered called_at started_at start_time ended_at " +
  "end_time call_date duration_seconds recording_url recording_signed_url recording_signed_url_expires_at " +
  'recording_storage_path recording_path transcript transcript_text transfer_to cost total_cost sentiment metadata f a"b'
).split(" ");
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Replaces the call tables by tables whose columns have one type, with a call for each odd value of each column. */
async function oddCalls() {
  const made = COLUMNS.flatMap((column) => ODD.map(([value, read]) => ({ column, value, read }))).map(
    (call, n) => ({ ...call, id: `odd-${n}` }),
  );
  for (const [table, type] of Object.entries(TABLES)) {
    const columns = COLUMNS.map((column) => `${quoted(column)} ${type}`);
    await legacy.root.unsafe(
      `drop table ${table} cascade; create table ${table} (org_id uuid, vapi_call_id text, ${columns.join(", ")});
       alter table ${table} owner to call_ledger_test_owner`,
    );
    const rows = made.map(({ id, column, value }) => {
      const isJson = type === "jsonb" || (typeof value === "object" && value !== null);
      return {
        org_id: A,
        vapi_call_id: `${table}-${id}`,
        [column]: isJson && type === "text" ? JSON.stringify(value) : value,
      };
    });
    await legacy.root.unsafe(
      `insert into ${table} select (jsonb_populate_recordset(null::${table}, $1::text::jsonb)).*`,
      [JSON.stringify(rows)],
    );
  }
  return Object.keys(TABLES).flatMap((table) => made.map((call) => ({ ...call, id: `${table}-${call.id}` })));
}

/** All data of each call in the ledger, as text. */
async function written(): Promise<ReadonlyMap<string, string>> {
  const rows = await legacy.root.unsafe(`
    select c.provider_call_id as id, concat_ws(' ', to_jsonb(c), to_jsonb(t), to_jsonb(l), (
      select jsonb_agg(to_jsonb(q)) from recording_upload_queue q where q.org_id = c.org_id and q.call_id = c.id)) as body
    from calls c left join call_tracking t using (org_id, id) left join call_logs l using (org_id, id)`);
  return new Map(rows.map(({ id, body }) => [id, body]));
}

test("no value of a call is lost without being named, whatever its columns have", {
  timeout: 60_000,
}, async () => {
  const made = await oddCalls();
  const result = await legacy.adopt();
  const rows = made.length + 4;
  expect(legacy.counts(result)).toEqual({ moved: rows, unattributed: 0, duplicates: 0, rows });
  const bodies = await written();
  const lost = made.filter(({ id, value, read }) => {
    if (value === null || value === " ") return false;
    const body = bodies.get(id)?.replaceAll('": ', '":') ?? "";
    const raw = JSON.stringify(value).replaceAll(/^"|"$/g, "");
    return ![raw, JSON.stringify(raw).slice(1, -1), read ?? raw].some((one) => body.includes(one));
  });
  expect(lost).toEqual([]);
  expect(result.columns.call_logs?.unread).toMatchObject({ cost: 29, lead_id: 30, status: 31 });
  const before = await contentOf(legacy.root);
  expect(legacy.counts(await legacy.adopt())).toMatchObject({ moved: 0, duplicates: rows });
  expect(await contentOf(legacy.root)).toBe(before);
});

/** Rows of the other tables with values that no handler should have written. */
async function oddRows(): Promise<void> {
  await legacy.root.unsafe(`
    alter table agents drop constraint agents_org_id_fkey, alter active type text, alter created_at type text, alter vapi_phone_number_id type text;
    alter table call_transcripts drop constraint call_transcripts_call_id_fkey, alter call_id type text,
      alter text type jsonb using to_jsonb(text), alter timestamp type text, alter text drop not null;
    alter table failed_recording_uploads drop constraint failed_recording_uploads_call_id_fkey,
      alter next_retry_at type text, add vapi_call_id text;
    alter table recording_upload_queue drop constraint valid_recording_url, alter recording_url drop not null,
      alter call_id drop not null, add "Retry State" jsonb;
    alter table calls drop constraint calls_pkey, alter id drop not null;
    alter table organizations alter created_at type text`);
  const odd = (table: string, ...rows: object[]) =>
    legacy.root.unsafe(
      `insert into ${table} select (jsonb_populate_recordset(null::${table}, $1::text::jsonb)).*`,
      [JSON.stringify(rows)],
    );
  await odd(
    "organizations",
    { id: id(1), name: " ", status: "", created_at: "long ago" },
    { id: id(2), name: null, status: "x", created_at: "1748772000" },
  );
  await odd(
    "agents",
    { id: id(1), org_id: A, vapi_assistant_id: "x".repeat(201), active: "perhaps", created_at: "now" },
    { id: id(2), org_id: ORPHAN, vapi_assistant_id: "orphan" },
    { id: id(3), organization_id: B, vapi_phone_number_id: "y".repeat(3000), active: "no" },
  );
  const log = { status: "completed", org_id: A, metadata: {} };
  await odd(
    "call_logs",
    { ...log, id: id(1), vapi_call_id: "undefined", to_number: "+12025550101" },
    { ...log, id: id(2), vapi_call_id: " undefined ", to_number: "+12025550102" },
    { ...log, id: id(3), vapi_call_id: "known" },
  );
  const call = { org_id: A, phone_number: "+12025550143", call_date: "2025-06-01", status: "completed" };
  await odd("calls", call, call, { ...call, duration_seconds: 9 });
  await odd(
    "call_transcripts",
    { id: id(1), call_id: id(3), text: { text: "an object" }, speaker: "bot", timestamp: "00:00:05" },
    { id: id(2), call_id: id(3), text: ["a", "list"], timestamp: "1748772000" },
    { id: id(3), call_id: id(3), text: { said: 7 } },
    { id: id(4), call_id: "no id", text: "of nobody" },
    { id: id(5), vapi_call_id: "known", text: null },
  );
  await odd(
    "recording_upload_queue",
    {
      id: id(1),
      vapi_call_id: "known",
      org_id: A,
      recording_url: "ftp://host/a.wav",
      "Retry State": { n: -1 },
    },
    { id: id(2), vapi_call_id: "known", org_id: A, recording_url: null, attempt_count: -3, status: "zombie" },
  );
  await odd(
    "failed_recording_uploads",
    {
      id: id(1),
      call_id: id(3),
      vapi_recording_url: "https://storage.test/k.wav",
      retry_count: -1,
      next_retry_at: "never",
    },
    { id: id(2), call_id: id(3), vapi_recording_url: "[object Object]", resolved_at: "2025-06-01T10:00:00Z" },
    { id: id(3), call_id: null, vapi_call_id: "known", vapi_recording_url: null },
  );
  await odd("processed_webhook_events", { id: 1, event_id: "", call_id: "null", event_type: "" });
}

test("odd rows of the other tables are booked, or counted and named", async () => {
  await oddRows();
  const foretold = await legacy.adopt({ dryRun: true });
  const result = await legacy.adopt();
  expect(result).toEqual(foretold);
  expect(legacy.counts(result)).toEqual({ moved: 22, unattributed: 3, duplicates: 1, rows: 26 });
  expect(result.unattributedRows.map(({ table, id: row, reason }) => `${table} ${row} ${reason}`)).toEqual([
    `agents ${id(2)} no_organization`,
    `call_transcripts ${id(4)} no_organization`,
    "processed_webhook_events 1 no_organization",
  ]);
  const unread = Object.entries(result.columns).map(([table, of]) => [table, of.unread]);
  expect(Object.fromEntries(unread)).toMatchObject({
    organizations: { created_at: 1 },
    agents: { active: 1, created_at: 1, vapi_assistant_id: 1, vapi_phone_number_id: 1 },
    call_logs: { vapi_call_id: 2 },
    call_transcripts: { text: 1, timestamp: 1 },
    recording_upload_queue: { recording_url: 1 },
    failed_recording_uploads: { vapi_recording_url: 1 },
  });
  expect(result.columns.recording_upload_queue?.left).toMatchObject({ "Retry State": 1, status: 1 });
  expect(result.columns.failed_recording_uploads?.left).toMatchObject({ retry_count: 1, next_retry_at: 1 });
  const calls =
    await legacy.root`select provider_call_id as id, customer_number as number from calls order by 2, 1`;
  expect(calls.filter(({ number }) => number === "+12025550143")).toHaveLength(2);
  expect(calls.filter(({ number }) => /010[12]$/.test(number))).toHaveLength(2);
  const said = await legacy.root`select role, text from call_transcripts order by 2`;
  expect(said.map(({ role, text }) => `${role}: ${text}`)).toEqual([
    "unknown: a\nlist",
    "assistant: an object",
  ]);
  const before = await contentOf(legacy.root);
  expect(legacy.counts(await legacy.adopt())).toMatchObject({ moved: 0, unattributed: 3 });
  expect(await contentOf(legacy.root)).toBe(before);
});

test("columns that Postgres computes are read, or named and not kept", async () => {
  await legacy.root.unsafe(`
    alter table call_logs drop column duration_seconds, drop column search_vector,
      add duration_seconds int generated always as (extract(epoch from end_time - start_time)::int) stored,
      add search_vector tsvector generated always as (to_tsvector('simple', coalesce(to_number, ''))) stored;
    alter table call_tracking add words tsvector; alter table calls alter status drop not null`);
  await legacy.root`insert into call_logs (org_id, vapi_call_id, status, start_time, end_time, to_number)
    values (${A}, 'one', 'completed', '2025-06-01 10:00Z', '2025-06-01 10:01Z', '+12025550143')`;
  await legacy.add("call_tracking", {
    org_id: A,
    vapi_call_id: "two",
    status: "completed",
    words: "'said':1",
  });
  await legacy.root`insert into calls (org_id, vapi_call_id, status, phone_number, call_date)
    values (${A}, 'two', null, '+12025550143', '2025-06-02 10:00Z')`;
  const { columns } = await legacy.adopt();
  const left = [columns.call_logs?.left, columns.call_tracking?.left];
  expect(left).toEqual([{ search_vector: 1 }, { words: 1 }]);
  const calls =
    await legacy.root`select provider_call_id as id, started_at::text as start, duration_seconds as s,
    (select l.details from call_logs l where l.org_id = c.org_id and l.id = c.id) as details from calls c order by 1`;
  expect(calls).toMatchObject([
    { id: "one", s: 60 },
    { id: "two", start: expect.stringContaining("2025-06-02") },
  ]);
  expect(JSON.stringify(calls)).not.toMatch(/said|search/);
});

test("a row with a value that is nested too deep stays behind, and the rest of the call is booked", async () => {
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  await legacy.root.unsafe("alter table call_logs add raw json, add big numeric");
  await legacy.add("call_tracking", { org_id: A, vapi_call_id: "deep", status: "completed" });
  await legacy.root`insert into call_logs (id, vapi_call_id, status, raw) values (${id(1)}, 'deep', 'completed', ${deep}::text::json)`;
  await legacy.root`insert into call_logs (org_id, vapi_call_id, big) values (${A}, 'big', 12345678901234567890.5)`;
  const { unattributedRows } = await legacy.adopt();
  expect(unattributedRows).toMatchObject([{ table: "call_logs", id: id(1), reason: "unreadable" }]);
  expect(await legacy.root`select from calls where provider_call_id = 'deep'`).toHaveLength(1);
  const [log] = await legacy.root`select metadata from call_tracking where provider_call_id = 'big'`;
  expect(log?.metadata.adopted.call_logs.big).toBe("12345678901234567890.5");
});

test("an interval is a duration in every style of the database, and `Unknown` is no number", async () => {
  await legacy.root.unsafe(`alter database ${new URL(legacy.db.ownerUrl).pathname.slice(1)} set intervalstyle = 'iso_8601';
    alter table calls alter duration_seconds type interval using null`);
  const spoken = {
    duration_seconds: "2 minutes 5 seconds",
    phone_number: "unknown",
    call_date: "2025-06-01",
  };
  await legacy.add("calls", { org_id: A, status: "completed", vapi_call_id: "spoken", ...spoken });
  const { columns } = await legacy.adopt();
  expect(columns.calls?.unread).toEqual({});
  expect(await legacy.root`select duration_seconds, customer_number from calls`).toMatchObject([
    { duration_seconds: 125, customer_number: null },
  ]);
});
