import type postgres from "postgres";

/*
 * Legacy databases with their known faults. Everything is computed from the number of a call and the seed, in sets. So
 * a hundred thousand calls are made in seconds, and equal seeds give equal databases.
 */

const TABLES = `
create table organizations (id uuid primary key default gen_random_uuid(), name text, created_at timestamptz default now());
create table agents (id uuid primary key default gen_random_uuid(), org_id uuid references organizations (id), name text,
  role text check (role in ('inbound', 'outbound')), vapi_assistant_id text, active boolean, system_prompt text,
  first_message text, language text, max_call_duration int, created_at timestamptz default now(), updated_at timestamptz);
create table call_tracking (id uuid primary key default gen_random_uuid(), org_id uuid, lead_id uuid,
  agent_id uuid references agents (id), vapi_call_id text, phone text, status text, called_at timestamptz,
  started_at timestamptz, ended_at timestamptz, answered boolean, voicemail boolean, duration_seconds int,
  call_outcome text, call_notes text, transcript text, sentiment text, metadata jsonb,
  created_at timestamptz default now(), updated_at timestamptz default now());
create table call_logs (id uuid primary key default gen_random_uuid(), org_id uuid, lead_id uuid, agent_id uuid,
  vapi_call_id text, to_number text, status text, outcome text, started_at timestamptz, ended_at timestamptz,
  duration_seconds int, recording_url text, recording_storage_path text, recording_signed_url_expires_at timestamptz,
  recording_uploaded_at timestamptz, transcript text, transcript_only_fallback boolean, cost numeric,
  metadata jsonb not null default '{}', created_at timestamptz default now(), updated_at timestamptz default now());
create index idx_call_logs_org_vapi_call_id on call_logs (org_id, vapi_call_id);
create table calls (id uuid primary key default gen_random_uuid(), org_id uuid not null, phone_number text not null,
  caller_name text, call_date timestamp not null, duration_seconds int, status text, call_type text, recording_url text,
  recording_storage_path text, transcript jsonb, sentiment_score float, sentiment_label text, vapi_call_id text,
  action_items text[], created_at timestamp default now(), updated_at timestamp default now());
create table call_transcripts (id uuid primary key default gen_random_uuid(), call_id uuid references call_tracking (id),
  vapi_call_id text, speaker text, text text not null, timestamp timestamptz, created_at timestamptz default now());
create table processed_webhook_events (id bigserial primary key, event_id text not null unique, call_id text not null,
  event_type text not null, received_at timestamptz default now(), created_at timestamptz default now());
create index idx_processed_events_org_event on processed_webhook_events (event_id);
create table recording_upload_queue (id uuid primary key default gen_random_uuid(), call_id uuid not null,
  vapi_call_id text, org_id uuid, recording_url text not null, call_type text, status text, priority text,
  error_message text, last_error_at timestamp, attempt_count int, max_attempts int, created_at timestamp default now(),
  updated_at timestamp, processing_started_at timestamp, completed_at timestamp);
create function create_inbound_call_atomically(p_org_id uuid, p_vapi_call_id text) returns uuid language sql
  as 'insert into call_tracking (org_id, vapi_call_id, status) values (p_org_id, p_vapi_call_id, ''ringing'') returning id';
alter table call_logs enable row level security;
alter table call_logs force row level security;
create policy own_calls on call_logs using (org_id = nullif(current_setting('app.org_id', true), '')::uuid);`;

/** Reverts the statements that some databases of the era never got. */
const OLDER = `
alter table call_logs drop column recording_storage_path, drop column lead_id, drop column cost;
alter table call_tracking drop column answered, drop column voicemail, drop column lead_id, drop column metadata;
alter table call_transcripts drop column vapi_call_id;
alter table agents drop column active, drop column role;
drop table recording_upload_queue;`;

/** Creates the empty tables of the era. `older`: without the columns that were added late. */
export async function createLegacyTables(sql: postgres.Sql, { older = false } = {}): Promise<void> {
  await sql.unsafe(TABLES);
  if (older) await sql.unsafe(OLDER);
}

/** Returns SQL for a number from 0 to 999, computed from the call's number, the seed and a word. */
const dice = (word: string) => `((hashtextextended(n || '${word}', seed) % 1000 + 1000) % 1000)::int`;
const id = (word: string) => `md5('${word}' || n || seed)::uuid`;

/**
 * Six organizations with five agents each. Some agents share an assistant, one has none, and one has no organization.
 */
const ORGANIZATIONS = `
insert into organizations (id, name, created_at)
select ${id("org")}, 'Organization ' || n, timestamptz '2025-01-01' + n * interval '1 day'
from generate_series(0, 5) n, era;
insert into agents (id, org_id, name, role, vapi_assistant_id, active, created_at)
select ${id("agent")}, case when n <> 29 then md5('org' || n / 5 || seed)::uuid end, 'Agent ' || n,
  case when n % 5 < 3 then 'inbound' else 'outbound' end,
  case when n % 5 = 4 then null when n in (1, 2) then 'asst-shared' when n in (6, 11) then 'asst-contested'
    else 'asst-' || n end,
  n % 7 <> 0, timestamptz '2025-01-02' + n * interval '1 hour'
from generate_series(0, 29) n, era;`;

/** One row for each call, from which its rows in the tables are made. */
const PLAN = `
create temporary table plan on commit drop as
select n, seed, t.at, t.at + (20 + ${dice("length")}) * interval '1 second' as until,
  case when ${dice("id")} >= 8 then 'call-' || md5('call' || n || seed) end as call_id,
  md5('org' || n % 6 || seed)::uuid as org_id,
  md5('org' || (n + 1) % 6 || seed)::uuid as other_org,
  case when ${dice("agent")} < 850 then md5('agent' || (n % 6) * 5 + ${dice("which")} % 5 || seed)::uuid end as agent_id,
  ${dice("contradiction")} as contradiction, ${dice("forgotten")} as forgotten, ${dice("status")} as status,
  ${dice("tables")} as tables, ${dice("twice")} as twice, ${dice("recording")} as recording, ${dice("spoken")} as spoken,
  '+1202555' || lpad((${dice("phone")} % 10000)::text, 4, '0') as phone,
  'AI: Good morning. ' || repeat('User: I would like an appointment. AI: ' || n || ' is free. ', 1 + ${dice("talk")} % 12) as transcript
from era, generate_series(1, calls) n
cross join lateral (select timestamptz '2025-06-01' + n * interval '97 seconds' + ${dice("ms")} * interval '1 ms' as at) t;`;

const ROWS = `
insert into call_tracking (id, org_id, lead_id, agent_id, vapi_call_id, phone, status, called_at, started_at, ended_at,
  answered, voicemail, duration_seconds, call_outcome, transcript, sentiment, metadata, created_at, updated_at)
select ${id("tracking")}, case when forgotten >= 80 then org_id end, case when n % 3 = 0 then ${id("lead")} end, agent_id, call_id,
  phone, case when status < 30 then 'queued' when status < 60 then 'in-progress' when status < 90 then 'in_progress'
    when status < 160 then 'failed' else 'completed' end,
  at - interval '6 seconds', case when status >= 30 then at end, case when status >= 90 then until end,
  case when status < 90 then null else status >= 200 end, status between 160 and 180,
  case when status >= 90 then extract(epoch from until - at)::int end,
  case when status >= 200 and status % 4 = 0 then 'customer-ended-call' when status >= 160 then 'completed' end,
  null, case when status > 900 then 'positive' end, jsonb_build_object('channel', 'inbound', 'n', n), at, until
from plan where tables < 900;
insert into call_tracking (org_id, agent_id, vapi_call_id, phone, status, started_at, created_at, updated_at)
select org_id, agent_id, call_id, phone, 'in_progress', at, at + interval '1 second', at
from plan where tables < 900 and twice < 15 and call_id is not null;
insert into call_logs (id, org_id, lead_id, agent_id, vapi_call_id, to_number, status, outcome, started_at, ended_at,
  duration_seconds, recording_url, recording_storage_path, transcript, cost, metadata, created_at, updated_at)
select ${id("log")}, case when contradiction < 6 then other_org when forgotten >= 150 then org_id end, null,
  case when contradiction < 3 then null else agent_id end, call_id, phone,
  case when status < 60 then 'in-progress' when status < 90 then 'in_progress' else 'completed' end,
  case when status >= 90 then 'completed' end, at, case when status >= 90 then until end,
  case when status >= 90 then extract(epoch from until - at)::int end,
  case when status >= 90 and recording < 800 then 'https://storage.test/' || call_id || '.wav?token=t' end,
  case when status < 90 then null when recording < 700 then 'recordings/' || n || '.wav' when recording < 760 then 'processing' end,
  case when status >= 90 then transcript end, case when status >= 90 then round((status / 700.0)::numeric, 4) end, jsonb_build_object('is_test_call', n % 50 = 0),
  at, until
from plan where tables between 100 and 999;
insert into call_logs (org_id, agent_id, vapi_call_id, to_number, status, started_at, created_at, updated_at)
select org_id, agent_id, call_id, phone, 'in-progress', at, at, at
from plan where tables between 100 and 999 and twice between 10 and 20 and call_id is not null;
insert into calls (org_id, phone_number, caller_name, call_date, duration_seconds, status, call_type, recording_url,
  recording_storage_path, transcript, sentiment_score, sentiment_label, vapi_call_id, action_items, created_at)
select org_id, phone, 'Caller ' || n, until at time zone 'UTC', extract(epoch from until - at)::int,
  case when status < 160 then 'failed' when status < 200 then 'missed' when status > 980 then 'transferred' else 'completed' end,
  case when agent_id is not null and n % 5 < 3 then 'inbound' end, null, null,
  jsonb_build_array(jsonb_build_object('speaker', 'agent', 'text', 'Good morning.')), 0.5, 'neutral', call_id,
  array['call back'], until at time zone 'UTC'
from plan where status >= 90 and tables not between 400 and 499;
insert into call_transcripts (call_id, vapi_call_id, speaker, text, timestamp, created_at)
select ${id("tracking")}, case when k % 2 = 0 then call_id end, case when k % 2 = 0 then 'agent' else 'customer' end,
  'Sentence ' || k || ' of ' || n, at + k * interval '4 seconds', at
from plan cross join generate_series(1, 4) k where tables < 900 and spoken < 250;
insert into processed_webhook_events (event_id, call_id, event_type, received_at)
select e.kind || ':' || call_id, call_id, e.kind, at
from plan cross join unnest(array['call.started', 'ended', 'end-of-call-report']) e (kind)
where call_id is not null and (status >= 90 or e.kind = 'call.started');
insert into recording_upload_queue (call_id, vapi_call_id, org_id, recording_url, call_type, status, created_at)
select ${id("log")}, case when n % 2 = 0 then call_id end, case when n % 4 < 3 then org_id end,
  case when n % 3 = 0 then jsonb_build_object('stereoUrl', 'https://storage.test/' || n || '-stereo.wav')::text
    else 'https://storage.test/' || call_id || '.wav' end,
  'inbound', (array['pending', 'processing', 'completed', 'failed'])[1 + n % 4], at at time zone 'UTC'
from plan where tables between 100 and 999 and status >= 90 and recording between 600 and 799 and call_id is not null;
insert into calls (org_id, phone_number, call_date, status)
select ${id("lost")}, '+12025550199', '2025-06-01', 'completed' from generate_series(1, 3) n, era;
insert into call_logs (vapi_call_id, status, created_at)
select 'nobodys-' || n, 'completed', '2025-06-01' from generate_series(1, 4) n;
insert into processed_webhook_events (event_id, call_id, event_type) values ('call.started:unheard', 'unheard', 'call.started');`;

/** Fills the tables of the era (all columns) with this number of calls and their rows. */
export async function fillLegacyTables(
  sql: postgres.Sql,
  { calls, seed = 1 }: { readonly calls: number; readonly seed?: number },
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe("alter table call_logs no force row level security");
    await tx.unsafe(
      `create temporary table era on commit drop as select ${Number(seed)}::bigint as seed, ${Number(calls)}::int as calls`,
    );
    await tx.unsafe(ORGANIZATIONS + PLAN + ROWS);
    await tx.unsafe("alter table call_logs force row level security");
  });
  await sql.unsafe("analyze");
}

/** Returns the number of rows in the tables of the era, by table. Needs a login that bypasses row-level security. */
export async function countLegacyRows(
  sql: postgres.Sql,
  schema: "public" | "adopted",
): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and relkind = 'r' and relname <> 'unattributed' order by 1`;
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql`select count(*)::int as n from ${sql(schema)}.${sql(name)}`;
    counts[name] = row?.n;
  }
  return counts;
}
