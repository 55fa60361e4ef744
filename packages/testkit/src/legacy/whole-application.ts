import type postgres from "postgres";

/** Columns of the application's tables that not every database of the era has. */
const COLUMNS = `
alter table organizations add email text, add status text not null default 'active', add plan text, add updated_at timestamptz;
alter table agents add organization_id uuid, add is_active boolean, add voice_id text, add vapi_phone_number_id text,
  add faq jsonb default '[]';
alter table call_tracking add sequence_id uuid, add demo_sent boolean default false, add meeting_booked boolean,
  alter answered set default false, alter status set default 'queued', alter called_at set default now();
alter table call_logs add call_sid text, add from_number text, add phone_number text, add caller_name text,
  add call_type text, add start_time timestamptz, add end_time timestamptz, add intent text, add tags text[],
  add booking_created boolean, add outcome_summary text, add transcript_text text, add total_cost numeric,
  add twilio_cost numeric, add recording_signed_url text, add recording_size_bytes bigint, add sentiment text,
  add sentiment_label text, add sentiment_score numeric, add sentiment_summary text, add sentiment_urgency text,
  add transfer_to text, add search_vector tsvector;
alter table call_logs alter transcript type jsonb using to_jsonb(transcript);
alter table call_transcripts add org_id uuid;
alter table processed_webhook_events add webhook_payload jsonb;
alter table recording_upload_queue add constraint valid_recording_url check (recording_url ~ '^https?://');
create table failed_recording_uploads (id uuid primary key default gen_random_uuid(),
  call_id uuid references call_logs (id) on delete cascade, vapi_recording_url text, error_message text,
  retry_count int, next_retry_at timestamptz, resolved_at timestamptz, created_at timestamptz default now());
create table inbound_agent_config (id uuid primary key default gen_random_uuid(),
  org_id uuid not null unique references organizations (id), vapi_assistant_id text, vapi_phone_number_id text,
  twilio_phone_number text, vapi_api_key text, system_prompt text);`;

/** Other objects of the application that depend on these tables. */
const REST = `
create table leads (id uuid primary key default gen_random_uuid(), org_id uuid references organizations (id),
  phone text, last_call_id uuid references call_logs (id));
create table profiles (id uuid primary key, org_id uuid references organizations (id), email text);
alter table leads enable row level security;
create policy "leads of callers" on leads using (exists (select from call_logs c where c.to_number = leads.phone));
create view recent_calls as select vapi_call_id, to_number, status from call_logs;
create materialized view calls_a_day as select call_date::date as day, count(*) as calls from calls group by 1;
create function touch() returns trigger language plpgsql as $$ begin new.updated_at = now(); return new; end $$;
create trigger call_logs_touch before update on call_logs for each row execute function touch();
create function calls_of(org uuid) returns bigint language sql as 'select count(*) from call_logs where org_id = org';
create schema auth;
create table auth.users (id uuid primary key default gen_random_uuid(), email text);
create function sign_up() returns trigger language plpgsql as
  $$ begin insert into public.organizations (name, email) values (new.email, new.email); return new; end $$;
create trigger on_sign_up after insert on auth.users for each row execute function sign_up();
create publication live_calls for table call_tracking;`;

/** Gives a database of the era the columns and the other tables of the whole application. */
export async function addWholeApplication(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(COLUMNS + REST);
}
