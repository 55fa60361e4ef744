/** The tables of the legacy system, with the constraints and indexes that its statements need. */
export const NAIVE_TABLES = `
create schema naive;
create table naive.agents (
  id uuid primary key, org_id uuid not null, vapi_assistant_id text not null unique, active boolean not null default true);
create table naive.processed_webhook_events (
  id bigserial primary key, event_id text not null unique, call_id text not null, event_type text not null,
  received_at timestamptz not null default now(), created_at timestamptz not null default now());
create table naive.call_tracking (
  id uuid primary key default gen_random_uuid(), org_id uuid, lead_id uuid, agent_id uuid, vapi_call_id text unique,
  phone text, status text, started_at timestamptz, ended_at timestamptz, answered boolean, duration_seconds int,
  call_outcome text, metadata jsonb, created_at timestamptz not null default now(),
  updated_at timestamptz not null default now());
create table naive.call_logs (
  id uuid primary key default gen_random_uuid(), org_id uuid, lead_id uuid, agent_id uuid, vapi_call_id text unique,
  to_number text, status text, outcome text, started_at timestamptz, ended_at timestamptz, duration_seconds int,
  recording_url text, transcript text, cost numeric, metadata jsonb not null, created_at timestamptz not null default now(),
  updated_at timestamptz not null default now());
create table naive.calls (
  id uuid primary key default gen_random_uuid(), org_id uuid not null, phone_number text, call_date timestamp,
  duration_seconds int, status text, call_type text, recording_url text, transcript jsonb, vapi_call_id text unique,
  created_at timestamp not null default now(), updated_at timestamp not null default now());
create table naive.call_transcripts (
  id uuid primary key default gen_random_uuid(), call_id uuid references naive.call_tracking, vapi_call_id text,
  speaker text, text text not null, timestamp timestamptz, created_at timestamptz not null default now());
create table naive.recording_upload_queue (
  id uuid primary key default gen_random_uuid(), call_id uuid not null, vapi_call_id text, org_id uuid,
  recording_url text not null, call_type text, status text not null default 'pending', created_at timestamp not null default now());
create index on naive.call_tracking (org_id, created_at);
create index on naive.call_logs (org_id, created_at);
create index on naive.calls (org_id, created_at);
create index on naive.recording_upload_queue (call_id);`;
