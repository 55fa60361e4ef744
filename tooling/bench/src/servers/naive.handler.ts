import postgres from "postgres";

/** The number of connections that the api has for deliveries. */
const CONNECTIONS = 6;

/** The fields of a delivery that the statements use. */
type Message = {
  readonly type: string;
  readonly status?: string;
  readonly endedReason?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly durationSeconds?: number;
  readonly cost?: number;
  readonly artifact?: { readonly transcript?: string; readonly recordingUrl?: string };
  readonly call: { readonly id: string; readonly assistantId?: string; readonly type?: string };
  readonly toolCallList?: readonly { readonly id: string }[];
  readonly customer?: { readonly number?: string };
  readonly role?: string;
  readonly transcript?: string;
  readonly timestamp: number;
};

type Tracking = { readonly id: string; readonly org_id: string };
type Agent = { readonly id: string; readonly org_id: string };
type Handle = (sql: postgres.Sql, eventId: string, message: Message) => Promise<void>;

/**
 * Handles a delivery as the legacy system does. It runs the statements of that system's webhook code in their order,
 * each as a round trip and a transaction of its own (docs/benchmarks/README.md explains each). It stores that system's
 * data: no payload, no versions, no second layer. Two parts of that code are left out: its pauses before it looks
 * again, and a failing second insert of the same call. Statements are prepared, and the pool is as large as the api's.
 */
export function naiveHandler(databaseUrl: string): (body: Buffer) => Promise<void> {
  const sql = postgres(databaseUrl, { max: CONNECTIONS, fetch_types: false });
  return async (body) => {
    const { message }: { message: Message } = JSON.parse(body.toString("utf8"));
    const eventId = eventIdOf(message);
    const [known] = await sql`select id from naive.processed_webhook_events where event_id = ${eventId}`;
    if (known === undefined) await handlerOf(message)(sql, eventId, message);
  };
}

function handlerOf({ type, status }: Message): Handle {
  if (type === "status-update") return status === "ended" ? callEnded : callProgressed;
  if (type === "end-of-call-report") return endOfCallReport;
  return type.startsWith("transcript") ? transcribed : mark;
}

function eventIdOf({ type, status, toolCallList, role, transcript, timestamp, call }: Message): string {
  if (type.startsWith("transcript")) {
    return `transcript:${call.id}:${role}:${transcript?.slice(0, 50)}:${timestamp}`;
  }
  return `${type}:${status ?? toolCallList?.[0]?.id ?? ""}:${call.id}`;
}

const mark: Handle = async (sql, eventId, { type, call }) => {
  await sql`
    insert into naive.processed_webhook_events (event_id, call_id, event_type)
    values (${eventId}, ${call.id}, ${type}) on conflict do nothing`;
};

const callProgressed: Handle = async (sql, eventId, message) => {
  const { status = "ringing", call } = message;
  await mark(sql, eventId, message);
  const [found] = await sql<Tracking[]>`
    select id, lead_id, org_id, metadata from naive.call_tracking where vapi_call_id = ${call.id}`;
  const [agent] = await sql<Agent[]>`
    select id, org_id from naive.agents where vapi_assistant_id = ${call.assistantId ?? ""} and active`;
  if (agent === undefined) return;
  const tracking = found ?? (await insertTracking(sql, agent, message));
  const phone = message.customer?.number ?? null;
  await sql`
    insert into naive.call_logs (org_id, agent_id, vapi_call_id, to_number, status, started_at, metadata)
    values (${agent.org_id}, ${agent.id}, ${call.id}, ${phone}, 'in-progress', now(),
      '{"is_test_call": false, "channel": "inbound"}')
    on conflict (vapi_call_id) do update set status = excluded.status, started_at = excluded.started_at`;
  await sql`
    insert into naive.calls (org_id, vapi_call_id, phone_number, status, call_type, call_date)
    values (${agent.org_id}, ${call.id}, ${phone}, ${status}, 'inbound', now())
    on conflict (vapi_call_id) do update set status = excluded.status, updated_at = now()`;
  await sql`
    update naive.call_tracking set status = ${status}, started_at = now()
    where id = ${tracking?.id ?? null} and org_id = ${agent.org_id}`;
};

/** Returns `undefined` if another delivery of the call was faster. */
async function insertTracking(
  sql: postgres.Sql,
  agent: Agent,
  { status = "ringing", call, customer }: Message,
): Promise<Tracking | undefined> {
  const [inserted] = await sql<Tracking[]>`
    insert into naive.call_tracking (org_id, agent_id, vapi_call_id, status, phone, metadata)
    values (${agent.org_id}, ${agent.id}, ${call.id}, ${status}, ${customer?.number ?? null},
      '{"channel": "inbound", "is_test_call": false, "source": "vapi_webhook"}')
    on conflict do nothing returning id, lead_id, org_id, metadata`;
  return inserted;
}

const callEnded: Handle = async (sql, eventId, message) => {
  const { call, endedReason = null } = message;
  const [log] = await sql<Tracking[]>`
    select id, lead_id, org_id, metadata from naive.call_logs where vapi_call_id = ${call.id}`;
  const orgId = log?.org_id ?? null;
  await sql`
    update naive.call_logs set status = 'completed', ended_at = now()
    where vapi_call_id = ${call.id} and org_id = ${orgId}`;
  const [tracking] = await sql<Tracking[]>`
    select id, metadata from naive.call_tracking where vapi_call_id = ${call.id}`;
  await sql`
    update naive.call_tracking set status = 'completed', ended_at = now(), answered = true, call_outcome = ${endedReason}
    where id = ${tracking?.id ?? null} and org_id = ${orgId}`;
  await mark(sql, eventId, message);
};

const endOfCallReport: Handle = async (sql, eventId, message) => {
  const { call, artifact, durationSeconds = 0, cost = 0 } = message;
  const transcript = artifact?.transcript ?? null;
  const recording = artifact?.recordingUrl ?? null;
  const [log] = await sql<Tracking[]>`
    select id, agent_id, org_id, lead_id, to_number from naive.call_logs where vapi_call_id = ${call.id}`;
  if (log === undefined) return;
  if (recording !== null) {
    await sql`
      insert into naive.recording_upload_queue (call_id, vapi_call_id, org_id, recording_url, call_type)
      values (${log.id}, ${call.id}, ${log.org_id}, ${recording}, 'inbound')`;
  }
  await sql`
    update naive.call_logs set outcome = 'completed', recording_url = ${recording}, transcript = ${transcript},
      cost = ${cost}, duration_seconds = ${Math.round(durationSeconds)}
    where vapi_call_id = ${call.id} and org_id = ${log.org_id}`;
  await sql`
    update naive.calls set call_type = 'inbound', status = 'completed', recording_url = ${recording},
      duration_seconds = ${Math.round(durationSeconds)}, transcript = to_jsonb(${transcript}::text)
    where vapi_call_id = ${call.id} and org_id = ${log.org_id}`;
  await mark(sql, eventId, message);
};

const transcribed: Handle = async (sql, eventId, message) => {
  const { call, role, transcript = "" } = message;
  const [tracking] = await sql<Tracking[]>`
    select id, metadata from naive.call_tracking where vapi_call_id = ${call.id}`;
  if (tracking === undefined) return;
  await sql`
    insert into naive.call_transcripts (call_id, vapi_call_id, speaker, text, timestamp)
    values (${tracking.id}, ${call.id}, ${role === "assistant" ? "agent" : "customer"}, ${transcript}, now())`;
  await mark(sql, eventId, message);
};
