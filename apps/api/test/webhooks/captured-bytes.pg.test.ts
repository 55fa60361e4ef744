import { randomUUID } from "node:crypto";
import { packPayload, referenceOf, unpackPayload } from "@call-ledger/db/write";
import type { Prompt } from "@call-ledger/domain";
import { withPrompts } from "@call-ledger/domain";
import type postgres from "postgres";
import { beforeAll, expect, test } from "vitest";
import { ASSISTANT, deliver, fixture } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

/*
 * Compares the bytes of a captured call whose prompts are stored once with the bytes of the same call with its prompts
 * in their places. All captures are of one agent. Each has its system prompt, and the report has it three times.
 */

const CALLS = 20;
const CAPTURED_ASSISTANT = "a51c0de0-2222-4b20-8d66-1b2c3d4e5f02";
const CAPTURED_CALL = /01a0c001-7a10-7000-8a00-00000000000[12]/g;
const PROMPT = "You remind people";

let received = 0;

const { ledger, api } = useApi();

beforeAll(async () => {
  await ledger.addAgent();
  for (let place = 0; place < CALLS; place += 1) {
    const call = randomUUID();
    for (const name of ["status-in-progress", "report-of-silence"]) {
      const text = fixture(`captured/${name}.json`).toString();
      const body = JSON.stringify(
        JSON.parse(text.replaceAll(CAPTURED_ASSISTANT, ASSISTANT).replace(CAPTURED_CALL, call)),
      );
      expect((await deliver(api.url, Buffer.from(body))).json).toMatchObject({ outcome: "applied" });
      received += body.length;
    }
  }
});

type Stored = { readonly call: string; readonly digest: string; readonly payload: Buffer };

/** The bytes of all payloads as stored, and with their prompts in their places. */
async function payloadBytes(sql: postgres.Sql, prompts: readonly Prompt[]) {
  const rows = await sql<Stored[]>`
    select provider_call_id as call, split_part(event_id, ':', 2) as digest, payload
    from processed_webhook_events where payload is not null`;
  const bytes = { now: 0, before: 0 };
  for (const { call, payload } of rows) {
    const key = referenceOf(payload);
    const other = rows.find((row) => row.call === call && key !== null && row.digest.startsWith(key));
    const referred = other === undefined ? undefined : unpackPayload(other.payload);
    const whole = withPrompts(unpackPayload(payload, referred), prompts);
    const reference =
      key === null ? undefined : { key, text: Buffer.from(withPrompts(referred ?? "", prompts)) };
    bytes.now += payload.length;
    bytes.before += packPayload(whole, reference).length;
  }
  return bytes;
}

async function columnBytes(sql: postgres.Sql, prompts: readonly Prompt[]) {
  const rows = await sql<{ messages: unknown }[]>`select messages from call_logs`;
  await sql`create table measured_messages (messages jsonb)`;
  for (const { messages } of rows) {
    const whole = withPrompts(JSON.stringify(messages), prompts);
    await sql`insert into measured_messages values (${whole}::text::jsonb)`;
  }
  const [sizes] = await sql`
    select (select sum(pg_column_size(messages)) from call_logs)::int as now,
      (select sum(pg_column_size(messages)) from measured_messages)::int as before,
      (select sum(pg_column_size(details)) from call_logs)::int as details,
      (select sum(pg_column_size(p)) from prompts p)::int + (select sum(pg_column_size(c)) from call_prompts c)::int as prompts`;
  return {
    now: Number(sizes?.now),
    before: Number(sizes?.before),
    details: Number(sizes?.details),
    prompts: Number(sizes?.prompts),
  };
}

const TABLES = [
  "processed_webhook_events",
  "call_logs",
  "recording_upload_queue",
  "calls",
  "call_tracking",
  "call_routes",
  "call_prompts",
  "prompts",
];

/** The bytes of a captured call's rows by table, without indexes and unused space. */
async function rowBytes(sql: postgres.Sql) {
  const bytes = TABLES.map(async (table) => {
    const [row] = await sql`select sum(pg_column_size(t))::int as bytes from ${sql(table)} t`;
    return [table, Math.round(Number(row?.bytes) / CALLS)] as const;
  });
  return Object.fromEntries(await Promise.all(bytes));
}

test("a captured call takes fewer bytes if its prompt is stored once, and no row of a call has the prompt", async () => {
  const { sql } = ledger;
  const prompts = await sql<Prompt[]>`select hash, text from prompts`;
  expect(prompts.map(({ text }) => text.slice(0, PROMPT.length))).toEqual([PROMPT]);
  for (const table of ["calls", "call_tracking", "call_logs", "processed_webhook_events"]) {
    const [found] =
      await sql`select count(*)::int as n from ${sql(table)} t where (to_jsonb(t) - 'payload')::text like ${`%${PROMPT}%`}`;
    expect(found?.n, table).toBe(0);
  }

  const payloads = await payloadBytes(sql, prompts);
  const columns = await columnBytes(sql, prompts);
  const perCall = (bytes: number) => Math.round(bytes / CALLS);
  const now = payloads.now + columns.now + columns.prompts;
  const before = payloads.before + columns.before;
  process.stdout.write(
    `bytes a captured call: ${JSON.stringify({
      received: perCall(received),
      payloads: { before: perCall(payloads.before), now: perCall(payloads.now) },
      messages: { before: perCall(columns.before), now: perCall(columns.now) },
      prompts: perCall(columns.prompts),
      details: perCall(columns.details),
      rows: await rowBytes(sql),
    })}\n`,
  );
  expect(now).toBeLessThan(before);
  expect(now / received).toBeLessThan(0.25);
});
