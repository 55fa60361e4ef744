import postgres from "postgres";

/** As many as the api's deliveries have. */
const CONNECTIONS = 6;

/** Tables as the system of the deployment guide had them, with the constraints that its statements rely on. */
export const NAIVE_TABLES = `
create schema naive;
create table naive.agents (id uuid primary key, org_id uuid not null, vapi_assistant_id text not null unique);
create table naive.processed_webhook_events (
  id bigserial primary key, event_id text not null unique, call_id text not null, event_type text not null,
  received_at timestamptz not null default now());
create table naive.call_tracking (
  id uuid primary key default gen_random_uuid(), org_id uuid not null, agent_id uuid, vapi_call_id text not null unique,
  phone text, status text, started_at timestamptz, ended_at timestamptz, duration_seconds int, call_outcome text,
  transcript text, created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table naive.call_logs (
  id uuid primary key default gen_random_uuid(), org_id uuid not null, agent_id uuid, vapi_call_id text not null unique,
  to_number text, status text, outcome text, started_at timestamptz, ended_at timestamptz, duration_seconds int,
  recording_url text, transcript text, cost numeric, created_at timestamptz not null default now(),
  updated_at timestamptz not null default now());
create table naive.calls (
  id uuid primary key default gen_random_uuid(), org_id uuid not null, vapi_call_id text not null unique,
  phone_number text, call_date timestamptz, duration_seconds int, status text, recording_url text, transcript jsonb,
  created_at timestamptz not null default now(), updated_at timestamptz not null default now());
create table naive.recording_upload_queue (
  id uuid primary key default gen_random_uuid(), org_id uuid, call_id uuid not null, recording_url text not null,
  status text not null default 'pending', created_at timestamptz not null default now());
create index on naive.call_tracking (org_id, created_at);
create index on naive.call_logs (org_id, created_at);
create index on naive.calls (org_id, created_at);`;

/** What the statements need of a delivery. */
type Message = {
  readonly type: string;
  readonly status?: string;
  readonly endedReason?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly durationSeconds?: number;
  readonly cost?: number;
  readonly artifact?: { readonly transcript?: string; readonly recordingUrl?: string };
  readonly call: { readonly id: string; readonly assistantId?: string };
  readonly toolCallList?: readonly { readonly id: string }[];
  readonly customer?: { readonly number?: string };
};

type Call = { readonly id: string };
type Agent = { readonly id: string; readonly org_id: string };

/**
 * The handler of the deployment guide's system: check, insert a marker, select the agent and the call, insert or update
 * table after table, one statement after another, each a transaction of its own. Statements are prepared, and the pool
 * is the api's; it stores no payload and no timeline.
 */
export function naiveHandler(databaseUrl: string): (body: Buffer) => Promise<void> {
  const sql = postgres(databaseUrl, { max: CONNECTIONS, fetch_types: false });
  return async (body) => {
    const { message }: { message: Message } = JSON.parse(body.toString("utf8"));
    const detail = message.status ?? message.toolCallList?.[0]?.id ?? "";
    const eventId = `${message.type}:${detail}:${message.call.id}`;
    const [known] = await sql`select id from naive.processed_webhook_events where event_id = ${eventId}`;
    if (known !== undefined) return;
    await sql`
      insert into naive.processed_webhook_events (event_id, call_id, event_type)
      values (${eventId}, ${message.call.id}, ${message.type}) on conflict do nothing`;
    const [agent] = await sql<Agent[]>`
      select id, org_id from naive.agents where vapi_assistant_id = ${message.call.assistantId ?? ""}`;
    if (agent === undefined) return;
    const [call] = await sql<Call[]>`
      select id from naive.call_tracking where vapi_call_id = ${message.call.id}`;
    if (call === undefined) await insertCall(sql, agent, message);
    else await updateCall(sql, call, agent, message);
  };
}

async function insertCall(sql: postgres.Sql, { id, org_id }: Agent, message: Message): Promise<void> {
  const phone = message.customer?.number ?? null;
  const status = message.status ?? "in-progress";
  const callId = message.call.id;
  await sql`
    insert into naive.call_tracking (org_id, agent_id, vapi_call_id, phone, status, started_at)
    values (${org_id}, ${id}, ${callId}, ${phone}, ${status}, now()) on conflict do nothing`;
  await sql`
    insert into naive.call_logs (org_id, agent_id, vapi_call_id, to_number, status, started_at)
    values (${org_id}, ${id}, ${callId}, ${phone}, ${status}, now()) on conflict do nothing`;
  await sql`
    insert into naive.calls (org_id, vapi_call_id, phone_number, status, call_date)
    values (${org_id}, ${callId}, ${phone}, ${status}, now()) on conflict do nothing`;
}

async function updateCall(sql: postgres.Sql, call: Call, agent: Agent, message: Message): Promise<void> {
  const callId = message.call.id;
  if (message.type === "status-update") {
    const status = message.status ?? null;
    const reason = message.endedReason ?? null;
    await sql`
      update naive.call_tracking set status = ${status}, call_outcome = ${reason}, updated_at = now() where id = ${call.id}`;
    await sql`
      update naive.call_logs set status = ${status}, outcome = ${reason}, updated_at = now() where vapi_call_id = ${callId}`;
    await sql`update naive.calls set status = ${status}, updated_at = now() where vapi_call_id = ${callId}`;
  }
  if (message.type !== "end-of-call-report") return;
  const { durationSeconds = null, artifact } = message;
  const seconds = durationSeconds === null ? null : Math.round(durationSeconds);
  const transcript = artifact?.transcript ?? null;
  const recording = artifact?.recordingUrl ?? null;
  await sql`
    update naive.call_tracking set duration_seconds = ${seconds}, transcript = ${transcript}, updated_at = now()
    where id = ${call.id}`;
  await sql`
    update naive.call_logs set duration_seconds = ${seconds}, transcript = ${transcript}, cost = ${message.cost ?? null},
      started_at = ${message.startedAt ?? null}, ended_at = ${message.endedAt ?? null}, recording_url = ${recording},
      updated_at = now()
    where vapi_call_id = ${callId}`;
  await sql`
    update naive.calls set duration_seconds = ${seconds}, status = 'completed', recording_url = ${recording},
      transcript = to_jsonb(${transcript}::text), updated_at = now()
    where vapi_call_id = ${callId}`;
  if (recording !== null) {
    await sql`
      insert into naive.recording_upload_queue (org_id, call_id, recording_url)
      values (${agent.org_id}, ${call.id}, ${recording})`;
  }
}
