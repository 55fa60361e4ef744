create type call_phase as enum ('scheduled', 'queued', 'ringing', 'in_progress', 'forwarding', 'ended');

create type call_ledger.booked_event as (
  org_id uuid,
  call_id uuid,
  account_id uuid,
  provider text,
  provider_call_id text,
  event_id text,
  kind text,
  occurred_at timestamp with time zone,
  merged_at timestamp with time zone,
  phase call_phase,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  agent_id uuid,
  agent_evidence smallint,
  direction text,
  customer_number text,
  our_number text,
  report_version text,
  report jsonb,
  segment_role text,
  segment_text text,
  lead_id uuid,
  metadata jsonb,
  source text,
  customer_name text,
  forwarded_to text,
  carrier_call_id text,
  caller_heard boolean,
  forwarded_at timestamp with time zone
);

create type call_ledger.incoming_event as (
  ord integer,
  delivery integer,
  leads boolean,
  account_id uuid,
  provider text,
  provider_call_id text,
  provider_delivery_id text,
  event_id text,
  event_type text,
  kind text,
  speaks boolean,
  wants_agent boolean,
  received_at timestamp with time zone,
  occurred_at timestamp with time zone,
  merged_at timestamp with time zone,
  provider_agent_id text,
  provider_phone_number_id text,
  our_number text,
  customer_number text,
  direction text,
  phase call_phase,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  report_version text,
  report jsonb,
  segment_role text,
  segment_text text,
  recordings jsonb,
  refusal text,
  detail text,
  content_key text,
  org_id uuid,
  agent_id uuid,
  lead_id uuid,
  metadata jsonb,
  source text,
  customer_name text,
  forwarded_to text,
  carrier_call_id text,
  details jsonb,
  waits boolean,
  caller_heard boolean,
  prompts jsonb,
  also_named jsonb,
  forwarded_at timestamp with time zone
);

create type call_ledger.waiting_deliveries as (
  ids uuid[],
  leaders integer[],
  events jsonb,
  payloads bytea[]
);

create table account_contacts (
  provider_account_id uuid not null,
  first_verified_at timestamp with time zone,
  last_verified_at timestamp with time zone,
  last_refused_at timestamp with time zone,
  last_refusal text,
  constraint account_contacts_pkey PRIMARY KEY (provider_account_id),
  constraint account_contacts_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id) ON DELETE CASCADE,
  constraint account_contacts_refusal_bounded CHECK ((length(last_refusal) <= 200))
);
alter table account_contacts enable row level security;
alter table account_contacts force row level security;

create table agents (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null,
  provider_account_id uuid not null,
  provider_agent_id text not null,
  provider_phone_number_id text,
  phone_number text,
  name text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  constraint agents_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint agents_phone_number_e164 CHECK ((phone_number ~ '^\+[1-9][0-9]{1,14}$'::text)),
  constraint agents_pkey PRIMARY KEY (org_id, id),
  constraint agents_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id),
  constraint agents_provider_agent_id_bounded CHECK (((length(provider_agent_id) >= 1) AND (length(provider_agent_id) <= 200)))
);
alter table agents enable row level security;
alter table agents force row level security;
CREATE TRIGGER agents_account_of_own_organization BEFORE INSERT OR UPDATE OF org_id, provider_account_id ON public.agents FOR EACH ROW EXECUTE FUNCTION call_ledger.check_agent_account();
CREATE TRIGGER agents_ids_in_one_case BEFORE INSERT OR UPDATE OF provider_agent_id, provider_phone_number_id ON public.agents FOR EACH ROW EXECUTE FUNCTION call_ledger.write_agent_ids_in_one_case();

create table alarms (
  id uuid not null default gen_random_uuid(),
  org_id uuid,
  condition text not null,
  scope text not null,
  figures jsonb not null,
  opened_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  notified_at timestamp with time zone,
  closed_at timestamp with time zone,
  acknowledged_by text,
  acknowledged_at timestamp with time zone,
  muted_until timestamp with time zone,
  constraint alarms_acknowledged_whole CHECK (((acknowledged_by IS NULL) = (acknowledged_at IS NULL))),
  constraint alarms_condition_known CHECK ((condition = ANY (ARRAY['no_deliveries'::text, 'signatures_refused'::text, 'deliveries_failing'::text, 'provider_failures'::text, 'calls_overdue'::text, 'days_incomplete'::text, 'calls_repaired'::text, 'quarantine_growing'::text, 'recordings_failing'::text, 'recordings_given_up'::text, 'recordings_expiring'::text, 'worker_silent'::text, 'database_filling'::text, 'database_idle'::text, 'certificate_expiring'::text, 'channel_failing'::text]))),
  constraint alarms_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint alarms_pkey PRIMARY KEY (id)
);
alter table alarms enable row level security;
alter table alarms force row level security;

create table alert_channels (
  id uuid not null default gen_random_uuid(),
  org_id uuid,
  kind text not null,
  name text,
  host text,
  settings bytea,
  last_sent_at timestamp with time zone,
  failing_since timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null default now(),
  constraint alert_channels_kind_known CHECK ((kind = ANY (ARRAY['slack'::text, 'email'::text, 'webhook'::text, 'log'::text]))),
  constraint alert_channels_name_bounded CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  constraint alert_channels_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint alert_channels_pkey PRIMARY KEY (id),
  constraint alert_channels_settings_but_for_the_log CHECK (((kind = 'log'::text) = (settings IS NULL)))
);
alter table alert_channels enable row level security;
alter table alert_channels force row level security;

create table alert_deliveries (
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  news jsonb not null,
  status text not null default 'pending'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null default now(),
  lease_token uuid,
  last_error text,
  finished_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint alert_deliveries_attempts_not_negative CHECK ((attempts >= 0)),
  constraint alert_deliveries_channel_fkey FOREIGN KEY (channel_id) REFERENCES alert_channels(id) ON DELETE CASCADE,
  constraint alert_deliveries_pkey PRIMARY KEY (id),
  constraint alert_deliveries_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'failed'::text])))
);
alter table alert_deliveries enable row level security;
alter table alert_deliveries force row level security;

create table api_keys (
  id uuid not null default gen_random_uuid(),
  org_id uuid,
  name text,
  prefix text not null,
  key_hash bytea not null,
  scopes text[] not null,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_keys_key_hash_is_sha256 CHECK ((octet_length(key_hash) = 32)),
  constraint api_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_scopes_known CHECK ((scopes <@ ARRAY['calls:read'::text, 'calls:details'::text, 'recordings:read'::text, 'costs:read'::text, 'prompts:read'::text, 'payloads:read'::text, 'calls:write'::text, 'agents:read'::text, 'agents:write'::text, 'members:write'::text, 'keys:write'::text, 'alerts:write'::text, 'webhooks:write'::text]))
);
alter table api_keys enable row level security;
alter table api_keys force row level security;

create table audit_entries (
  id uuid not null default gen_random_uuid(),
  org_id uuid,
  actor_kind text not null,
  actor_id uuid,
  actor_name text,
  action text not null,
  object_kind text not null,
  object_id text,
  before jsonb,
  after jsonb,
  at timestamp with time zone not null default now(),
  constraint audit_entries_actor_known CHECK ((actor_kind = ANY (ARRAY['member'::text, 'key'::text, 'operator'::text, 'system'::text]))),
  constraint audit_entries_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint audit_entries_pkey PRIMARY KEY (id)
);
alter table audit_entries enable row level security;
alter table audit_entries force row level security;

create table background_heartbeats (
  name text not null,
  last_run_at timestamp with time zone not null,
  result jsonb,
  constraint background_heartbeats_pkey PRIMARY KEY (name)
);
alter table background_heartbeats enable row level security;
alter table background_heartbeats force row level security;

create table call_annotations (
  org_id uuid not null,
  call_id uuid not null,
  tags text[] not null default '{}'::text[],
  note text,
  external_ref text,
  external_url text,
  updated_at timestamp with time zone not null default now(),
  updated_by text,
  constraint call_annotations_call_fkey FOREIGN KEY (org_id, call_id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint call_annotations_external_ref_bounded CHECK (((length(external_ref) >= 1) AND (length(external_ref) <= 200))),
  constraint call_annotations_external_url_is_web CHECK (((external_url ~ '^https?://'::text) AND (length(external_url) <= 2000))),
  constraint call_annotations_note_bounded CHECK ((length(note) <= 10000)),
  constraint call_annotations_pkey PRIMARY KEY (org_id, call_id),
  constraint call_annotations_tags_bounded CHECK ((cardinality(tags) <= 20))
);
alter table call_annotations enable row level security;
alter table call_annotations force row level security;

create table call_change_epochs (
  one_row boolean not null default true,
  epoch uuid not null default gen_random_uuid(),
  constraint call_change_epochs_one_row CHECK (one_row),
  constraint call_change_epochs_pkey PRIMARY KEY (one_row)
);
alter table call_change_epochs enable row level security;
alter table call_change_epochs force row level security;

create table call_changes (
  changed_xid xid8 not null default pg_current_xact_id(),
  org_id uuid not null,
  call_id uuid not null,
  changed_at timestamp with time zone not null default now(),
  constraint call_changes_pkey PRIMARY KEY (changed_xid, org_id, call_id)
);
alter table call_changes enable row level security;
alter table call_changes force row level security;

create table call_ledger.schema_state (
  one_row boolean not null default true,
  version integer not null,
  oldest_code integer not null,
  constraint schema_state_one_row_check CHECK (one_row),
  constraint schema_state_pkey PRIMARY KEY (one_row)
);

create table call_logs (
  org_id uuid not null,
  id uuid not null,
  provider text not null,
  provider_account_id uuid not null,
  provider_call_id text not null,
  transcript text,
  messages jsonb,
  summary text,
  analysis jsonb,
  cost_usd numeric(16,6),
  cost_breakdown jsonb,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_reason text,
  outcome text,
  duration_seconds integer,
  recording_url text,
  report_version text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  field_versions jsonb,
  forwarded_to text,
  details jsonb,
  caller_turns integer,
  constraint call_logs_call_fkey FOREIGN KEY (org_id, id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint call_logs_cost_not_negative CHECK ((cost_usd >= (0)::numeric)),
  constraint call_logs_duration_not_negative CHECK ((duration_seconds >= 0)),
  constraint call_logs_org_id_not_null CHECK ((org_id IS NOT NULL)),
  constraint call_logs_outcome_known CHECK ((outcome = ANY (ARRAY['completed'::text, 'forwarded'::text, 'no_answer'::text, 'busy'::text, 'voicemail'::text, 'canceled'::text, 'failed'::text, 'unknown'::text, 'silence'::text, 'delivered'::text]))),
  constraint call_logs_pkey PRIMARY KEY (org_id, id),
  constraint idx_call_logs_org_vapi_call_id UNIQUE (org_id, provider, provider_call_id)
);
alter table call_logs enable row level security;
alter table call_logs force row level security;

create table call_prompts (
  org_id uuid not null,
  call_id uuid not null,
  hash text not null,
  constraint call_prompts_call_fkey FOREIGN KEY (org_id, call_id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint call_prompts_pkey PRIMARY KEY (org_id, call_id, hash),
  constraint call_prompts_prompt_fkey FOREIGN KEY (org_id, hash) REFERENCES prompts(org_id, hash)
);
alter table call_prompts enable row level security;
alter table call_prompts force row level security;
CREATE TRIGGER call_prompts_gone AFTER DELETE ON public.call_prompts REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION call_ledger.drop_unused_prompts();

create table call_routes (
  provider_account_id uuid not null,
  provider_call_id text not null,
  org_id uuid,
  constraint call_routes_pkey PRIMARY KEY (provider_account_id, provider_call_id),
  constraint call_routes_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id),
  constraint call_routes_provider_call_id_bounded CHECK (((length(provider_call_id) >= 1) AND (length(provider_call_id) <= 200)))
);
alter table call_routes enable row level security;
alter table call_routes force row level security;

create table call_tracking (
  org_id uuid not null,
  id uuid not null,
  provider text not null,
  provider_account_id uuid not null,
  provider_call_id text not null,
  phase call_phase,
  ringing_at timestamp with time zone,
  answered_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  agent_id uuid,
  agent_evidence smallint,
  agent_seen_at timestamp with time zone,
  direction text not null default 'unknown'::text,
  customer_number text,
  our_number text,
  lead_id uuid,
  metadata jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  fact_versions jsonb,
  customer_name text,
  forwarded_to text,
  carrier_call_id text,
  caller_heard boolean not null default false,
  constraint call_tracking_agent_evidence_known CHECK ((agent_evidence = ANY (ARRAY[1, 2]))),
  constraint call_tracking_agent_whole CHECK (((agent_id IS NULL) = (agent_evidence IS NULL))),
  constraint call_tracking_call_fkey FOREIGN KEY (org_id, id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint call_tracking_direction_known CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'web'::text, 'unknown'::text]))),
  constraint call_tracking_ending_whole CHECK (((outcome IS NULL) = (ended_rank IS NULL))),
  constraint call_tracking_org_id_not_null CHECK ((org_id IS NOT NULL)),
  constraint call_tracking_outcome_known CHECK ((outcome = ANY (ARRAY['completed'::text, 'forwarded'::text, 'no_answer'::text, 'busy'::text, 'voicemail'::text, 'canceled'::text, 'failed'::text, 'unknown'::text, 'silence'::text, 'delivered'::text]))),
  constraint call_tracking_pkey PRIMARY KEY (org_id, id),
  constraint idx_call_tracking_org_vapi_call_id UNIQUE (org_id, provider, provider_call_id)
);
alter table call_tracking enable row level security;
alter table call_tracking force row level security;

create table call_transcripts (
  org_id uuid not null,
  call_id uuid not null,
  fingerprint text not null,
  role text not null,
  text text not null,
  occurred_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint call_transcripts_call_fkey FOREIGN KEY (org_id, call_id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint call_transcripts_pkey PRIMARY KEY (org_id, call_id, fingerprint)
);
alter table call_transcripts enable row level security;
alter table call_transcripts force row level security;

create table calls (
  org_id uuid not null,
  id uuid not null,
  provider text not null,
  provider_account_id uuid not null,
  provider_call_id text not null,
  agent_id uuid,
  direction text not null default 'unknown'::text,
  phase text,
  outcome text,
  ended_reason text,
  customer_number text,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  duration_seconds integer,
  cost_usd numeric(16,6),
  recording_storage_path text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  customer_name text,
  forwarded_to text,
  carrier_call_id text,
  caller_turns integer,
  attention text[] not null default '{}'::text[],
  awaits_report boolean default true,
  constraint calls_agent_fkey FOREIGN KEY (org_id, agent_id) REFERENCES agents(org_id, id),
  constraint calls_attention_known CHECK ((attention <@ ARRAY['stuck'::text, 'missing_report'::text, 'no_caller_speech'::text])),
  constraint calls_caller_turns_not_negative CHECK ((caller_turns >= 0)),
  constraint calls_cost_not_negative CHECK ((cost_usd >= (0)::numeric)),
  constraint calls_direction_known CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'web'::text, 'unknown'::text]))),
  constraint calls_duration_not_negative CHECK ((duration_seconds >= 0)),
  constraint calls_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint calls_org_id_not_null CHECK ((org_id IS NOT NULL)),
  constraint calls_org_provider_call_key UNIQUE (org_id, provider, provider_call_id),
  constraint calls_outcome_known CHECK ((outcome = ANY (ARRAY['completed'::text, 'forwarded'::text, 'no_answer'::text, 'busy'::text, 'voicemail'::text, 'canceled'::text, 'failed'::text, 'unknown'::text]))),
  constraint calls_outcome_when_ended CHECK (((COALESCE(phase, ''::text) = 'ended'::text) = (outcome IS NOT NULL))),
  constraint calls_phase_known CHECK ((phase = ANY (ARRAY['scheduled'::text, 'queued'::text, 'ringing'::text, 'in_progress'::text, 'forwarding'::text, 'ended'::text]))),
  constraint calls_pkey PRIMARY KEY (org_id, id),
  constraint calls_provider_call_id_bounded CHECK (((length(provider_call_id) >= 1) AND (length(provider_call_id) <= 200)))
);
alter table calls enable row level security;
alter table calls force row level security;

create table database_sizes (
  at timestamp with time zone not null,
  size_bytes bigint not null,
  constraint database_sizes_pkey PRIMARY KEY (at)
);
alter table database_sizes enable row level security;
alter table database_sizes force row level security;

create table delivery_counts (
  provider_account_id uuid not null,
  at timestamp with time zone not null,
  accepted integer not null default 0,
  refused integer not null default 0,
  unproven integer not null default 0,
  failing integer not null default 0,
  constraint delivery_counts_pkey PRIMARY KEY (provider_account_id, at),
  constraint delivery_counts_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id)
);
alter table delivery_counts enable row level security;
alter table delivery_counts force row level security;

create table housekeeping_runs (
  name text not null,
  every_seconds integer not null,
  next_run_at timestamp with time zone not null default now(),
  lease_token uuid,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  succeeded_at timestamp with time zone,
  took_ms integer,
  result jsonb,
  error text,
  progress jsonb,
  created_at timestamp with time zone not null default now(),
  constraint housekeeping_runs_pkey PRIMARY KEY (name)
);
alter table housekeeping_runs enable row level security;
alter table housekeeping_runs force row level security;

create table idempotency_keys (
  credential_id uuid not null,
  key text not null,
  org_id uuid,
  request_hash bytea not null,
  status integer,
  response bytea,
  created_at timestamp with time zone not null default now(),
  constraint idempotency_keys_key_bounded CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint idempotency_keys_pkey PRIMARY KEY (credential_id, key)
);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;

create table members (
  org_id uuid not null,
  id uuid not null default gen_random_uuid(),
  email text not null,
  name text,
  role text not null,
  created_at timestamp with time zone not null default now(),
  removed_at timestamp with time zone,
  constraint members_email_formed CHECK (((email ~ '^[^@[:space:]]+@[^@[:space:]]+$'::text) AND (length(email) <= 254))),
  constraint members_name_bounded CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint members_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint members_pkey PRIMARY KEY (org_id, id),
  constraint members_role_known CHECK ((role = ANY (ARRAY['admin'::text, 'staff'::text, 'viewer'::text])))
);
alter table members enable row level security;
alter table members force row level security;

create table organizations (
  id uuid not null default gen_random_uuid(),
  name text not null,
  created_at timestamp with time zone not null default now(),
  time_zone text not null default 'UTC'::text,
  constraint organizations_name_not_empty CHECK ((name <> ''::text)),
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_time_zone_named CHECK (((time_zone ~ '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$'::text) AND (timezone(time_zone, '1970-01-01 00:00:00+00'::timestamp with time zone) IS NOT NULL)))
);
alter table organizations enable row level security;
alter table organizations force row level security;

create table processed_webhook_events (
  org_id uuid not null,
  event_id text not null,
  event_type text not null,
  provider text not null,
  provider_call_id text not null,
  provider_delivery_id text,
  occurred_at timestamp with time zone,
  received_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  payload bytea storage e,
  phase call_phase,
  details jsonb,
  constraint idx_processed_events_org_event PRIMARY KEY (org_id, event_id)
);
alter table processed_webhook_events enable row level security;
alter table processed_webhook_events force row level security;

create table prompts (
  org_id uuid not null,
  hash text not null,
  text text not null,
  created_at timestamp with time zone not null default now(),
  constraint prompts_hash_bounded CHECK ((length(hash) = 22)),
  constraint prompts_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint prompts_pkey PRIMARY KEY (org_id, hash)
);
alter table prompts enable row level security;
alter table prompts force row level security;

create table provider_accounts (
  id uuid not null default gen_random_uuid(),
  org_id uuid,
  provider text not null,
  name text,
  webhook_secrets bytea[],
  verification jsonb,
  api_key bytea,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  recording_hosts text[] not null default '{}'::text[],
  constraint provider_accounts_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint provider_accounts_pkey PRIMARY KEY (id),
  constraint provider_accounts_recording_hosts_bounded CHECK ((cardinality(recording_hosts) <= 20)),
  constraint provider_accounts_two_secrets_at_most CHECK ((cardinality(webhook_secrets) <= 2))
);
alter table provider_accounts enable row level security;
alter table provider_accounts force row level security;

create table provider_calls (
  provider_account_id uuid not null,
  provider_call_id text not null,
  org_id uuid,
  provider_agent_id text,
  provider_phone_number_id text,
  created_at timestamp with time zone not null,
  has_ended boolean not null,
  lacked text,
  missing text,
  asks integer not null default 0,
  ask_at timestamp with time zone,
  compared_at timestamp with time zone not null default now(),
  constraint provider_calls_asks_not_negative CHECK ((asks >= 0)),
  constraint provider_calls_lacked_known CHECK ((lacked = ANY (ARRAY['call'::text, 'end'::text, 'report'::text, 'fields'::text, 'progress'::text]))),
  constraint provider_calls_missing_known CHECK ((missing = ANY (ARRAY['not_booked'::text, 'unknown_agent'::text, 'organization_conflict'::text, 'refused'::text, 'gone'::text]))),
  constraint provider_calls_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint provider_calls_pkey PRIMARY KEY (provider_account_id, provider_call_id),
  constraint provider_calls_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id),
  constraint provider_calls_provider_call_id_bounded CHECK (((length(provider_call_id) >= 1) AND (length(provider_call_id) <= 200)))
);
alter table provider_calls enable row level security;
alter table provider_calls force row level security;

create table quarantined_deliveries (
  id uuid not null default gen_random_uuid(),
  provider text not null,
  provider_account_id uuid not null,
  reason text not null,
  detail text,
  event_type text not null,
  provider_call_id text,
  provider_agent_id text,
  provider_phone_number_id text,
  our_number text,
  content_key text not null,
  events jsonb,
  payload bytea storage e,
  received_at timestamp with time zone not null,
  replayed_at timestamp with time zone,
  also_named jsonb,
  constraint quarantined_deliveries_pkey PRIMARY KEY (id),
  constraint quarantined_deliveries_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id),
  constraint quarantined_deliveries_reason_known CHECK ((reason = ANY (ARRAY['unknown_agent'::text, 'organization_conflict'::text, 'unparseable'::text, 'too_complex'::text, 'no_call'::text, 'call_id_too_long'::text, 'refused'::text])))
);
alter table quarantined_deliveries enable row level security;
alter table quarantined_deliveries force row level security;

create table reconciled_accounts (
  provider_account_id uuid not null,
  org_id uuid,
  provider text not null,
  compared_since timestamp with time zone,
  compared_until timestamp with time zone,
  next_run_at timestamp with time zone not null default now(),
  lease_token uuid,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  succeeded_at timestamp with time zone,
  result jsonb,
  error text,
  created_at timestamp with time zone not null default now(),
  key_digest text,
  unread tstzmultirange not null default '{}'::tstzmultirange,
  constraint reconciled_accounts_org_id_fkey FOREIGN KEY (org_id) REFERENCES organizations(id),
  constraint reconciled_accounts_pkey PRIMARY KEY (provider_account_id),
  constraint reconciled_accounts_provider_account_fkey FOREIGN KEY (provider_account_id) REFERENCES provider_accounts(id)
);
alter table reconciled_accounts enable row level security;
alter table reconciled_accounts force row level security;

create table recording_upload_queue (
  id uuid not null default gen_random_uuid(),
  org_id uuid not null,
  call_id uuid not null,
  channel text not null,
  status text not null default 'pending'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null default now(),
  lease_until timestamp with time zone,
  last_error text,
  recording_url text,
  source_url text,
  source_expires_at timestamp with time zone,
  storage_path text,
  size_bytes bigint,
  sha256 bytea,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  lease_token uuid,
  deadline timestamp with time zone,
  object_held_until timestamp with time zone,
  waits_for_host text,
  peaks_path text,
  peaks_error text,
  constraint recording_upload_queue_attempts_not_negative CHECK ((attempts >= 0)),
  constraint recording_upload_queue_call_fkey FOREIGN KEY (org_id, call_id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint recording_upload_queue_channel_known CHECK ((channel = ANY (ARRAY['mono'::text, 'stereo'::text, 'customer'::text, 'assistant'::text]))),
  constraint recording_upload_queue_only_stored_has_peaks CHECK (((status = 'stored'::text) OR (peaks_path IS NULL))),
  constraint recording_upload_queue_org_call_channel_key UNIQUE (org_id, call_id, channel),
  constraint recording_upload_queue_org_id_not_null CHECK ((org_id IS NOT NULL)),
  constraint recording_upload_queue_pkey PRIMARY KEY (org_id, id),
  constraint recording_upload_queue_sha256_is_sha256 CHECK ((octet_length(sha256) = 32)),
  constraint recording_upload_queue_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'fetching'::text, 'stored'::text, 'failed'::text, 'expired'::text]))),
  constraint recording_upload_queue_stored_has_path CHECK (((status <> 'stored'::text) OR (storage_path IS NOT NULL))),
  constraint recording_upload_queue_stored_is_not_held CHECK (((status <> 'stored'::text) OR (object_held_until IS NULL)))
);
alter table recording_upload_queue enable row level security;
alter table recording_upload_queue force row level security;

create table sessions (
  id uuid not null default gen_random_uuid(),
  token_hash bytea not null,
  org_id uuid,
  member_id uuid,
  user_agent text,
  created_at timestamp with time zone not null default now(),
  last_used_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint sessions_member_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, id),
  constraint sessions_member_of_organization CHECK (((org_id IS NULL) = (member_id IS NULL))),
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_is_sha256 CHECK ((octet_length(token_hash) = 32)),
  constraint sessions_user_agent_bounded CHECK ((length(user_agent) <= 500))
);
alter table sessions enable row level security;
alter table sessions force row level security;

create table share_links (
  org_id uuid not null,
  id uuid not null default gen_random_uuid(),
  call_id uuid not null,
  token_hash bytea not null,
  created_by text,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  constraint share_links_call_fkey FOREIGN KEY (org_id, call_id) REFERENCES calls(org_id, id) ON DELETE CASCADE,
  constraint share_links_pkey PRIMARY KEY (org_id, id),
  constraint share_links_token_hash_is_sha256 CHECK ((octet_length(token_hash) = 32))
);
alter table share_links enable row level security;
alter table share_links force row level security;

create table sign_in_links (
  id uuid not null default gen_random_uuid(),
  token_hash bytea not null,
  org_id uuid,
  member_id uuid,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint sign_in_links_member_fkey FOREIGN KEY (org_id, member_id) REFERENCES members(org_id, id),
  constraint sign_in_links_member_of_organization CHECK (((org_id IS NULL) = (member_id IS NULL))),
  constraint sign_in_links_pkey PRIMARY KEY (id),
  constraint sign_in_links_token_hash_is_sha256 CHECK ((octet_length(token_hash) = 32))
);
alter table sign_in_links enable row level security;
alter table sign_in_links force row level security;

CREATE UNIQUE INDEX agents_one_live_phone_number ON public.agents USING btree (provider_account_id, phone_number) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX agents_one_live_provider_agent ON public.agents USING btree (provider_account_id, provider_agent_id) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX agents_one_live_provider_phone_number ON public.agents USING btree (provider_account_id, provider_phone_number_id) WHERE (deleted_at IS NULL);

CREATE INDEX agents_phone_number_idx ON public.agents USING btree (provider_account_id, phone_number);

CREATE INDEX agents_provider_agent_idx ON public.agents USING btree (provider_account_id, provider_agent_id);

CREATE INDEX agents_provider_phone_number_idx ON public.agents USING btree (provider_account_id, provider_phone_number_id);

CREATE INDEX alarms_closed_at_idx ON public.alarms USING btree (closed_at) WHERE (closed_at IS NOT NULL);

CREATE UNIQUE INDEX alarms_one_open ON public.alarms USING btree (condition, scope) WHERE (closed_at IS NULL);

CREATE INDEX alarms_org_id_idx ON public.alarms USING btree (org_id);

CREATE INDEX alert_channels_org_id_idx ON public.alert_channels USING btree (org_id);

CREATE INDEX alert_deliveries_finished_at_idx ON public.alert_deliveries USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX alert_deliveries_waiting_idx ON public.alert_deliveries USING btree (channel_id, created_at) WHERE (status = 'pending'::text);

CREATE UNIQUE INDEX api_keys_key_hash_key ON public.api_keys USING btree (key_hash);

CREATE INDEX api_keys_org_id_idx ON public.api_keys USING btree (org_id);

CREATE INDEX audit_entries_newest_idx ON public.audit_entries USING btree (org_id, at, id);

CREATE INDEX call_annotations_external_ref_idx ON public.call_annotations USING btree (org_id, external_ref) WHERE (external_ref IS NOT NULL);

CREATE INDEX call_annotations_tags_idx ON public.call_annotations USING gin (tags);

CREATE INDEX call_prompts_prompt_idx ON public.call_prompts USING btree (org_id, hash);

CREATE INDEX calls_account_created_at_idx ON public.calls USING btree (provider_account_id, created_at);

CREATE INDEX calls_attention_idx ON public.calls USING btree (created_at) WHERE (attention <> '{}'::text[]);

CREATE INDEX calls_awaiting_report_idx ON public.calls USING btree (created_at) WHERE (awaits_report AND (attention = '{}'::text[]));

CREATE INDEX calls_org_cost_idx ON public.calls USING btree (org_id, cost_usd, id) WHERE (cost_usd IS NOT NULL);

CREATE INDEX calls_org_duration_idx ON public.calls USING btree (org_id, duration_seconds, id) WHERE (duration_seconds IS NOT NULL);

CREATE INDEX calls_org_start_idx ON public.calls USING btree (org_id, COALESCE(started_at, created_at), id);

CREATE INDEX delivery_counts_refused_idx ON public.delivery_counts USING btree (provider_account_id, at) WHERE ((refused > 0) OR (unproven > 0));

CREATE INDEX idempotency_keys_created_at_idx ON public.idempotency_keys USING btree (created_at);

CREATE UNIQUE INDEX members_one_live_email ON public.members USING btree (org_id, lower(email)) WHERE (removed_at IS NULL);

CREATE INDEX processed_webhook_events_created_at_idx ON public.processed_webhook_events USING btree (created_at);

CREATE INDEX processed_webhook_events_timeline_idx ON public.processed_webhook_events USING btree (org_id, provider, provider_call_id);

CREATE UNIQUE INDEX provider_accounts_one_platform_account ON public.provider_accounts USING btree (provider) WHERE (org_id IS NULL);

CREATE INDEX provider_accounts_org_id_idx ON public.provider_accounts USING btree (org_id);

CREATE INDEX provider_calls_created_at_idx ON public.provider_calls USING btree (created_at);

CREATE INDEX provider_calls_missing_idx ON public.provider_calls USING btree (provider_account_id, created_at) WHERE (missing IS NOT NULL);

CREATE INDEX provider_calls_org_created_at_idx ON public.provider_calls USING btree (org_id, created_at);

CREATE UNIQUE INDEX quarantined_deliveries_content_key ON public.quarantined_deliveries USING btree (provider_account_id, content_key);

CREATE INDEX quarantined_deliveries_waiting_agent_idx ON public.quarantined_deliveries USING btree (provider_account_id, provider_agent_id) WHERE ((replayed_at IS NULL) AND (reason = 'unknown_agent'::text));

CREATE INDEX quarantined_deliveries_waiting_call_idx ON public.quarantined_deliveries USING btree (provider_account_id, provider_call_id) WHERE (replayed_at IS NULL);

CREATE INDEX recording_upload_queue_given_up_idx ON public.recording_upload_queue USING btree (finished_at) WHERE (status = ANY (ARRAY['failed'::text, 'expired'::text]));

CREATE INDEX recording_upload_queue_held_idx ON public.recording_upload_queue USING btree (object_held_until) WHERE (object_held_until IS NOT NULL);

CREATE INDEX recording_upload_queue_turns_idx ON public.recording_upload_queue USING btree (org_id, next_attempt_at) WHERE (status = ANY (ARRAY['pending'::text, 'fetching'::text]));

CREATE INDEX recording_upload_queue_waiting_idx ON public.recording_upload_queue USING btree (org_id) WHERE ((status = 'pending'::text) AND (waits_for_host IS NOT NULL));

CREATE INDEX sessions_member_idx ON public.sessions USING btree (org_id, member_id);

CREATE UNIQUE INDEX sessions_token_hash_key ON public.sessions USING btree (token_hash);

CREATE INDEX share_links_call_idx ON public.share_links USING btree (org_id, call_id);

CREATE INDEX sign_in_links_member_idx ON public.sign_in_links USING btree (org_id, member_id);

CREATE UNIQUE INDEX sign_in_links_token_hash_key ON public.sign_in_links USING btree (token_hash);

create policy api_operator_sees_all on account_contacts for all to call_ledger_api_operator using (true) with check (true);

create policy definer_keeps on account_contacts for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on account_contacts for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on agents for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on agents for all to call_ledger_definer using (true) with check (true);

create policy manager_adds_at_own_account on agents for insert to call_ledger_manager with check (((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid) AND (EXISTS ( SELECT
   FROM provider_accounts a
  WHERE ((a.id = agents.provider_account_id) AND (a.org_id = agents.org_id))))));

create policy manager_changes_at_own_account on agents for update to call_ledger_manager using (((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid) AND (EXISTS ( SELECT
   FROM provider_accounts a
  WHERE ((a.id = agents.provider_account_id) AND (a.org_id = agents.org_id)))))) with check (((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid) AND (EXISTS ( SELECT
   FROM provider_accounts a
  WHERE ((a.id = agents.provider_account_id) AND (a.org_id = agents.org_id))))));

create policy manager_sees_own_organization on agents for select to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on agents for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on agents for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on alarms for select to call_ledger_api_operator using (true);

create policy definer_books on alarms for all to call_ledger_definer using (true) with check (true);

create policy manager_sees_own_organization on alarms for select to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on alarms for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on alarms for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_keeps_all on alert_channels for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on alert_channels for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on alert_channels for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on alert_channels for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on alert_channels for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_books on alert_deliveries for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on alert_deliveries for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on api_keys for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on api_keys for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on api_keys for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on api_keys for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on audit_entries for all to call_ledger_api_operator using (true) with check (true);

create policy manager_keeps_own_organization on audit_entries for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_adds on audit_entries for insert to call_ledger_operator with check (true);

create policy operator_reads on audit_entries for select to call_ledger_operator using (true);

create policy api_operator_sees_all on background_heartbeats for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on background_heartbeats for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on background_heartbeats for all to call_ledger_operator using (true) with check (true);

create policy manager_keeps_own_organization on call_annotations for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on call_annotations for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on call_annotations for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_books on call_change_epochs for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on call_change_epochs for all to call_ledger_operator using (true) with check (true);

create policy definer_books on call_changes for all to call_ledger_definer using (true) with check (true);

create policy manager_adds_own_organization on call_changes for insert to call_ledger_manager with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on call_changes for all to call_ledger_operator using (true) with check (true);

create policy definer_books on call_logs for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on call_logs for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on call_logs for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_books on call_prompts for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on call_prompts for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on call_prompts for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on call_routes for select to call_ledger_api_operator using (true);

create policy definer_books on call_routes for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on call_routes for all to call_ledger_operator using (true) with check (true);

create policy definer_books on call_tracking for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on call_tracking for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on call_tracking for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_books on call_transcripts for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on call_transcripts for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on call_transcripts for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_books on calls for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on calls for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on calls for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on database_sizes for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on database_sizes for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on database_sizes for all to call_ledger_operator using (true) with check (true);

create policy definer_books on delivery_counts for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on delivery_counts for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on housekeeping_runs for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on housekeeping_runs for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on housekeeping_runs for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on idempotency_keys for all to call_ledger_api_operator using (true) with check (true);

create policy definer_keeps on idempotency_keys for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on idempotency_keys for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on idempotency_keys for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on members for all to call_ledger_api_operator using (true) with check (true);

create policy definer_keeps on members for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on members for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on members for all to call_ledger_operator using (true) with check (true);

create policy api_operator_sees_all on organizations for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on organizations for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on organizations for all to call_ledger_manager using ((id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on organizations for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on organizations for select to call_ledger_reader using ((id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on processed_webhook_events for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on processed_webhook_events for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on processed_webhook_events for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on processed_webhook_events for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_books on prompts for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on prompts for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on prompts for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on provider_accounts for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on provider_accounts for all to call_ledger_definer using (true) with check (true);

create policy manager_sees_own_organization on provider_accounts for select to call_ledger_manager using (((org_id IS NULL) OR (org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)));

create policy operator_keeps on provider_accounts for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on provider_accounts for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy definer_compares on provider_calls for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on provider_calls for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on provider_calls for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on quarantined_deliveries for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on quarantined_deliveries for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on quarantined_deliveries for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on quarantined_deliveries for select to call_ledger_reader using (((provider_account_id IN ( SELECT a.id
   FROM provider_accounts a
  WHERE (a.org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid))) OR ((reason <> 'organization_conflict'::text) AND ((provider_account_id, provider_agent_id) IN ( SELECT g.provider_account_id,
    g.provider_agent_id
   FROM agents g
  WHERE ((g.org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid) AND (g.deleted_at IS NULL)))) AND (EXISTS ( SELECT
   FROM agents g
  WHERE ((g.org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid) AND (g.deleted_at IS NULL) AND (g.provider_account_id = quarantined_deliveries.provider_account_id) AND (g.provider_agent_id = quarantined_deliveries.provider_agent_id) AND (g.created_at <= quarantined_deliveries.received_at)))))));

create policy definer_compares on reconciled_accounts for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on reconciled_accounts for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on reconciled_accounts for select to call_ledger_reader using (((org_id IS NULL) OR (org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)));

create policy api_operator_sees_all on recording_upload_queue for all to call_ledger_api_operator using (true) with check (true);

create policy definer_books on recording_upload_queue for all to call_ledger_definer using (true) with check (true);

create policy operator_keeps on recording_upload_queue for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on recording_upload_queue for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on sessions for all to call_ledger_api_operator using (true) with check (true);

create policy definer_keeps on sessions for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on sessions for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on sessions for all to call_ledger_operator using (true) with check (true);

create policy manager_keeps_own_organization on share_links for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on share_links for all to call_ledger_operator using (true) with check (true);

create policy reader_sees_own_organization on share_links for select to call_ledger_reader using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy api_operator_sees_all on sign_in_links for all to call_ledger_api_operator using (true) with check (true);

create policy definer_keeps on sign_in_links for all to call_ledger_definer using (true) with check (true);

create policy manager_keeps_own_organization on sign_in_links for all to call_ledger_manager using ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid)) with check ((org_id = (NULLIF(current_setting('call_ledger.org_id'::text, true), ''::text))::uuid));

create policy operator_keeps on sign_in_links for all to call_ledger_operator using (true) with check (true);

-- function call_ledger.account_calls_usual(uuid,uuid,timestamp with time zone,timestamp with time zone) returns integer[]
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 406df1a48cd3f72028567a60e9a7cbfe

-- function call_ledger.account_credentials(uuid) returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body fc66e6c57d637b3c9a1ba0e90a0244b6

-- function call_ledger.account_days(integer) returns TABLE(org_id uuid, account_id uuid, day date, is_compared boolean, counts jsonb)
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off), body 070be423c6d5a00c76a70896cee34202

-- function call_ledger.account_refusals(timestamp with time zone) returns TABLE(account_id uuid, org_id uuid, lasts boolean, refused bigint, unproven bigint, accepted bigint, refused_half_day bigint, accepted_half_day bigint, unproven_since bigint, accepted_two_days bigint, quiet_seconds bigint, accepted_since bigint, accepted_between bigint)
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body fca9922942bd06f974208ae4e438dab8

-- function call_ledger.account_returns(timestamp with time zone) returns TABLE(account_id uuid, org_id uuid, calls bigint, usual integer[])
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body a45db095f7f736ffc84645d492be4b50

-- function call_ledger.account_silences(timestamp with time zone) returns TABLE(account_id uuid, org_id uuid, seconds bigint, usual integer[])
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 3e65f65392fd43ca5875ab7af6733de2

-- function call_ledger.acknowledge_alarm(uuid,uuid,text) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 7dc41970e18e1fbdf8d1affba3e90e27

-- function call_ledger.adopt_calls(jsonb,jsonb) returns TABLE(ord integer, outcome text)
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off), body 286c760514fe749b11e988a3c12425d4

-- function call_ledger.agents_named(uuid,text,text,text,jsonb) returns TABLE(rank integer, by_id boolean, id uuid, org_id uuid, provider_agent_id text, created_at timestamp with time zone, deleted_at timestamp with time zone)
--   sql, volatility s, settings (), body 181274c333d359e63a39d3441c9e3117

-- function call_ledger.alarm_readings(timestamp with time zone) returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off), body d35c28f4eda420feb6f9cc9d98e43291

-- function call_ledger.already_booked(call_ledger.incoming_event[]) returns integer[]
--   plpgsql, volatility s, settings (search_path=pg_catalog, pg_temp), body 29386f0e0b1df24f65e4aa89c90b8d54

-- function call_ledger.are_booked(jsonb) returns boolean
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, jit=off), body 329051f581a659ff6f42a428d0f2be94

-- function call_ledger.authenticate_key(bytea) returns jsonb
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 1e6ac54344849ddfb5dfd5cc09c93b64

-- function call_ledger.authenticate_session(bytea) returns jsonb
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 0ccfa558847d7630909cb31bec2018b5

-- function call_ledger.beat(text,jsonb) returns void
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 8af724f98d64b92c9ad6d20b22bbb4a9

-- function call_ledger.book_for_caller(uuid,text,jsonb[]) returns record
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 0973d61a694b39681098af184322d7e6

-- function call_ledger.book_for_organization(uuid,text,uuid,text,jsonb[]) returns record
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp, lock_timeout=1s), body 169c7eb5ba4f5a0ec11c82ca8cd55aa3

-- function call_ledger.call_changes_since(uuid,uuid,text,timestamp with time zone,integer) returns jsonb
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, plan_cache_mode=force_custom_plan), body ee9df7700e9916c4da72f6505b76a6ec

-- function call_ledger.caller_news(jsonb,call_tracking,call_logs) returns jsonb
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body bd86bc855f1ef47510efb94c09b745d8

-- function call_ledger.calls_not_listed() returns TABLE(org_id uuid, provider_account_id uuid, provider_call_id text, started_at timestamp with time zone, call_id uuid)
--   sql, volatility s, settings (), body bda5214ebdc6273234a5cefb4688e03b

-- function call_ledger.calls_to_ask(uuid,integer) returns TABLE(provider_call_id text, org_id uuid, created_at timestamp with time zone, missing text, asks integer)
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body 89aa9a27e0898a3a8bc722b4657713f2

-- function call_ledger.cap_quarantine(bigint,integer) returns record
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body ff0d662e06514446acfd7562282d2c91

-- function call_ledger.check_agent_account() returns trigger
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 26e644f67d25d189426a28673e4efb21

-- function call_ledger.check_retention(timestamp with time zone) returns void
--   plpgsql, volatility s, settings (search_path=pg_catalog, pg_temp), body aa6691922bcbbea781a859333074529b

-- function call_ledger.claim_alert_deliveries(integer,integer) returns TABLE(id uuid, lease_token uuid, attempts integer, created_at timestamp with time zone, news jsonb, channel_id uuid, org_id uuid, kind text, settings text, lasts_seconds double precision)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 6d31adb1d0f4b44923b209f51acdf110

-- function call_ledger.claim_housekeeping(text[],integer[],integer,boolean) returns TABLE(name text, token uuid, progress jsonb)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body af79005eccda3036f88529d00f680a0a

-- function call_ledger.claim_reconciliation(uuid[],uuid,integer) returns TABLE(provider_account_id uuid, org_id uuid, provider text, token uuid, compared_until timestamp with time zone, key_digest text)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 8a40e939f6a277b25f31dcd6d402283b

-- function call_ledger.claim_recordings_in_turn(integer,boolean,integer,uuid,uuid[],integer) returns TABLE(org_id uuid, id uuid, lease_token uuid, call_id uuid, channel text, attempts integer, recording_url text, source_url text, source_expires_at timestamp with time zone, queued_at timestamp with time zone, call_ended_at timestamp with time zone, provider text, provider_account_id uuid, provider_call_id text, account_hosts text[], waited_for_host text)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off), body 57d193fe1bfd5eae0b06c960e0313567

-- function call_ledger.compare_fetched_calls(uuid,jsonb,uuid) returns TABLE(org_id uuid, missing text, is_known boolean, phase text, report_version text, has text[], cost_usd numeric, started_at timestamp with time zone, ended_at timestamp with time zone, ended_reason text)
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off), body 8010008a004997654f5d131f6701904f

-- function call_ledger.compared_calls() returns TABLE(org_id uuid, provider_account_id uuid, provider_call_id text, created_at timestamp with time zone, call_id uuid, lacked text, missing text)
--   sql, volatility s, settings (), body 2fb81fbed8f816fbd1b63620aca23a89

-- function call_ledger.completeness_of_days(uuid,date,date,integer) returns TABLE(org_id uuid, time_zone text, account_id uuid, provider text, compared_until timestamp with time zone, day date, is_over boolean, is_compared boolean, is_behind boolean, is_complete boolean, unlisted integer, counts jsonb)
--   sql, volatility s, settings (), body 61c1fc3f235a4895b055daad96bd709d

-- function call_ledger.count_deliveries(jsonb) returns void
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body f6442705b5b13b1621b4dfeda571179d

-- function call_ledger.current_report_version(text) returns text
--   sql, volatility i, settings (), body 063516cf7fe1549661d92b25c09a6a4e

-- function call_ledger.cut_blanks(text) returns text
--   sql, volatility i, settings (), body 304d1d267d213fa65531e52b9e3ecdcc

-- function call_ledger.drop_call_changes(integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body 6bc2827fe76f401508b3000ae616d9d1

-- function call_ledger.drop_events(timestamp with time zone,timestamp with time zone,integer) returns record
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off, lock_timeout=500ms), body ddb0a31b856ace20f68b078335af7e7a

-- function call_ledger.drop_expired_access(integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 787f4566c61d61f06645a6695534e71e

-- function call_ledger.drop_payloads(timestamp with time zone,timestamp with time zone,integer) returns record
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, jit=off, lock_timeout=500ms), body 79c0428cf54dc499d85e026317e7e993

-- function call_ledger.drop_provider_calls(timestamp with time zone,integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 8d041b7c533ee1419a9b20c3c8c15643

-- function call_ledger.drop_quarantined(timestamp with time zone,timestamp with time zone,integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body b6f20df45e05ecca68efb2470a8ca4e0

-- function call_ledger.drop_unused_prompts() returns trigger
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body b6a597bed91376779d2c34e7eadd6e8e

-- function call_ledger.extend_alert_delivery(uuid,uuid,integer) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body fde37368f7e9235a35c0a9218247939a

-- function call_ledger.extend_housekeeping(text,uuid,integer,jsonb) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 72487766d1339ac599a1938ae1e186fc

-- function call_ledger.extend_reconciliation(uuid,uuid,integer,timestamp with time zone,timestamp with time zone) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 3e3f004fde41db585227143b08deb12a

-- function call_ledger.extend_recording(uuid,uuid,uuid,integer) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body d235ee5408c057f7bed9e865a9bc4e9d

-- function call_ledger.facts_in_list(jsonb) returns integer
--   sql, volatility i, settings (), body f561492505912c1a790f7a123cfa0599

-- function call_ledger.find_account_api_key(uuid,uuid) returns bytea
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 33e66d87340961307175b40e71459d04

-- function call_ledger.find_organizations(call_ledger.incoming_event[],integer[],boolean) returns record
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 1ece8b9b946b0c4f2a99859a9d2399f5

-- function call_ledger.find_provider_account(uuid) returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 46a177510191ba71771b531c2576a9fe

-- function call_ledger.free_object(uuid,uuid,text) returns void
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 75cc84a5065da3e2ab26452d9d406b97

-- function call_ledger.has_calls_between(uuid,timestamp with time zone,timestamp with time zone,integer) returns boolean
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 36390a1051b3d9b1642db085adf7ee59

-- function call_ledger.hold_object(uuid,uuid,text,text,integer) returns text
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off, lock_timeout=2s), body 8365cb3e807765424f3c42a90d8433a8

-- function call_ledger.hurry_alert_deliveries(uuid,uuid) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body f58c000b254a0357f1c884a0961b5e0b

-- function call_ledger.incomplete_days(timestamp with time zone) returns TABLE(account_id uuid, org_id uuid, days bigint, calls bigint, uncompared bigint)
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 8c8f5b9155ed5ff6b821b201eea914a4

-- function call_ledger.is_placeholder(text) returns boolean
--   sql, volatility i, settings (), body 7207e8b8221bd4cfea1e82a6b6c1659d

-- function call_ledger.judge_objects(uuid[],uuid[],text[],text[]) returns text[]
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body 73e91112ab0a4e3ff1b5add61c6f4084

-- function call_ledger.keep_prompts(uuid[],uuid[],jsonb[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body ba88f5a29ecf44dca22be6c2cdaad7c0

-- function call_ledger.known_text(text) returns text
--   sql, volatility i, settings (), body 1bba063efe701c45008686d2194f607a

-- function call_ledger.lapsed_credentials(uuid[]) returns SETOF uuid
--   sql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 65caf3b98abdc61b56d9921e8048ce20

-- function call_ledger.late_jobs() returns SETOF text
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body a7a9da6de8a530c4b76ce5ae0c0e019e

-- function call_ledger.ledger_status() returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 0f0e59b2ebaa77edc3705b0d78d66c0a

-- function call_ledger.lock_calls(call_ledger.incoming_event[],uuid[]) returns record
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body a548f2e82f7d0c20df2eec975bbc16ea

-- function call_ledger.mark_overdue_calls(integer,integer,integer,integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 631829ff025941b1a75439ded1c6ff75

-- function call_ledger.may_book_named(uuid,uuid,text,text,text,jsonb,timestamp with time zone) returns boolean
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 32a3bf04ed021e0980f3f9b290647d6f

-- function call_ledger.merge_logs(call_ledger.booked_event[],uuid[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 8681a6a9176523be83cf2e6ce2c6a7a2

-- function call_ledger.merge_tracking(call_ledger.booked_event[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 54af4094f228b05c9778958877279833

-- function call_ledger.mute_alarm(uuid,uuid,timestamp with time zone) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body d5872903441980908a46ad3f651cc26b

-- function call_ledger.new_call_id() returns uuid
--   sql, volatility v, settings (), body bfea76eb4efd6a8cfb214821b872a0ac

-- function call_ledger.newer_source(text,timestamp with time zone,text,timestamp with time zone) returns boolean
--   sql, volatility i, settings (), body 12e18ca0715db1413fef0a0d17a187c3

-- function call_ledger.note_account_contacts(jsonb) returns void
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 43c4565f27fbf37a450e8931d81cca95

-- function call_ledger.note_call_changes(uuid[],uuid[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 8962d413fb32dc3dcc537b89ab871c25

-- function call_ledger.note_comparison_key(uuid,uuid,text) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body b801c246ac69c15f5d7c83435f2bb1c0

-- function call_ledger.note_provider_calls(uuid,jsonb) returns void
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 5c7c25cf6596699db9e6a7a245cc635e

-- function call_ledger.note_unread(uuid,uuid,timestamp with time zone,timestamp with time zone,boolean) returns void
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body a4a8a14d5aec967e4aee9b8d10547547

-- function call_ledger.object_verdict(uuid,uuid,text,text) returns text
--   plpgsql, volatility s, settings (search_path=pg_catalog, pg_temp), body e23c01766d489745c76b79aec6fc4ea1

-- function call_ledger.one_operation() returns trigger
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body d0739674a21c37d25a2a96bbafbbe018

-- function call_ledger.outcome_of_ending(text,integer) returns text
--   sql, volatility i, settings (), body e995af1802e23c045330198d802e6620

-- function call_ledger.overdue_mark(uuid,uuid,interval,interval,interval) returns text
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 53a1305bfa2fd333fc2131942cbfcec0

-- function call_ledger.own_tables() returns SETOF regclass
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 6f86f3e3d7be109849e074083daaebb9

-- function call_ledger.places_of_call(uuid,text,text) returns text
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body 68090b18e671660046b6d2e9373cb0cf

-- function call_ledger.quarantine_ages() returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body dfe9547b1156cfdaecdea96e2cbe3e81

-- function call_ledger.quarantine_deliveries(call_ledger.incoming_event[],text[],jsonb,bytea[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 43f89a9613933a80d5dfae79d249f416

-- function call_ledger.queue_recordings(uuid[],uuid[],jsonb[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 7742df2ab1f2c24a772b5e772a750628

-- function call_ledger.queue_test_alert(uuid,uuid) returns SETOF uuid
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 003df923395b5232ea655f56dcb0e8fe

-- function call_ledger.record_database_size(integer) returns bigint
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 6b89c67aa466c1713d7a6e1973f8bee7

-- function call_ledger.recording_counts() returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body c3f9aee2e51e908eaad75381edaa5651

-- function call_ledger.recording_states() returns jsonb
--   plpgsql, volatility s, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body 16eac3556a78e9e8034ee396cb48b9a9

-- function call_ledger.release_expired_leases(integer,integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body 3238cc5dc1a50a1f2933bc87786745be

-- function call_ledger.release_housekeeping(text,uuid) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body a8987edc6b181769754b692ae362536a

-- function call_ledger.release_recording(uuid,uuid,uuid) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 9a9a47bd3080df074dd25bdb08a7202e

-- function call_ledger.repaired_calls(timestamp with time zone) returns TABLE(account_id uuid, org_id uuid, calls bigint, listed bigint)
--   sql, volatility s, settings (search_path=pg_catalog, pg_temp), body a0859ef9274081f4fd90eb222a92e6cf

-- function call_ledger.replay_quarantined(uuid) returns jsonb
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body f646caa78c75ea7af9d3307377874251

-- function call_ledger.retry_recording(uuid,uuid) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, lock_timeout=2s), body e035d318f3ac13cfee8d28e6aa3abad2

-- function call_ledger.revoke_from_strangers() returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body a3f743475aa656acac661035fe192eb4

-- function call_ledger.rotate_account_secret(uuid,bytea) returns text
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body cff89143e1668c32d7a62a4b2c6c325c

-- function call_ledger.says(jsonb) returns boolean
--   sql, volatility i, settings (), body 46d0a58400513c7330fa8b38b2356b73

-- function call_ledger.says_under(text,jsonb) returns boolean
--   sql, volatility i, settings (), body ab2a96e17303057fb0e85e350cdc25f3

-- function call_ledger.settle_alarms(jsonb,timestamp with time zone,integer,integer) returns jsonb
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body fbd1a1a6c5fbf41b77507d194ca89492

-- function call_ledger.settle_alert_delivery(uuid,uuid,text,text,integer) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 7cabc657f942b040a8934d81679fa821

-- function call_ledger.settle_housekeeping(text,uuid,jsonb,text) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 5eda9b4633719eda593b2d9aebcad35e

-- function call_ledger.settle_reconciliation(uuid,uuid,integer,jsonb,text) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 59c6b8310f7243568cd899901733a77a

-- function call_ledger.settle_recording(uuid,uuid,uuid,text,text,timestamp with time zone,timestamp with time zone) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 0f30a4c267a8067911a694749d78bc9f

-- function call_ledger.store_recording_with_peaks(uuid,uuid,uuid,text,bigint,bytea,text,text) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, lock_timeout=2s), body eab5e841dff4434763263e33975c8db9

-- function call_ledger.summarize_calls(uuid[],uuid[]) returns void
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 0c4d9382f6e75b2a750061367db79a11

-- function call_ledger.telephone_rank(text) returns text
--   sql, volatility i, settings (), body 816fc45965010d97da0fac12dd51ce6a

-- function call_ledger.trim_alerts(timestamp with time zone,integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body d6ef043d1e1d5e2d1be0d3b2594a527c

-- function call_ledger.use_sign_in_link(bytea,bytea,text) returns jsonb
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body ed4945e2b9b5e090d62a226ade9ccff6

-- function call_ledger.wait_for_host(uuid,uuid,uuid,text,text,timestamp with time zone,timestamp with time zone) returns boolean
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 5c7c1cbdd56cedc9268f577234898b8e

-- function call_ledger.waiting_deliveries_of(call_ledger.incoming_event[],uuid[],integer,integer) returns call_ledger.waiting_deliveries
--   plpgsql, volatility s, settings (search_path=pg_catalog, pg_temp), body ab415fb92b3b10652d22b5414b291eee

-- function call_ledger.wake_waiting_recordings(uuid) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body f823951e63b67744f9bf6bf2fd6bd2a8

-- function call_ledger.write_agent_ids_in_one_case() returns trigger
--   plpgsql, volatility v, settings (search_path=pg_catalog, pg_temp), body 9b6534e4a4243966819d74fde64d3a2b

-- function create_inbound_call_atomically(uuid,text,uuid,text,uuid,jsonb) returns TABLE(call_id uuid, outcome text, call_tracking_id uuid, call_logs_id uuid, success boolean, error_message text)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body 573820944cc3e7073b15f9c85bf5feed

-- function record_deliveries(jsonb,bytea[]) returns TABLE(ord integer, outcome text, reason text, provider_agent_id text)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, plan_cache_mode=force_generic_plan, enable_seqscan=off, jit=off, lock_timeout=1s), body 26faece686ca4ec3b3cacb1f5546b75b

-- function replay_waiting(integer) returns integer
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp, enable_seqscan=off), body 9f3f62f63cee978d2fc33491633a3d3c

-- function update_call_completed_atomically(uuid,text,integer,uuid) returns TABLE(call_id uuid, outcome text, call_logs_updated boolean, call_tracking_updated boolean, success boolean, error_message text)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body d0afda2e353d3f1a563d3fddd8ea8837

-- function update_call_with_recording_atomically(uuid,text,text,text,text,text) returns TABLE(call_id uuid, outcome text, call_logs_updated boolean, calls_updated boolean, success boolean, error_message text)
--   plpgsql, volatility v, security definer owned by call_ledger_definer, settings (search_path=pg_catalog, pg_temp), body d5dc5cbed81ed4a0eba018dee7904e8d

-- trigger one_operation of Drizzle's journal
CREATE TRIGGER one_operation BEFORE INSERT ON drizzle.__drizzle_migrations FOR EACH ROW EXECUTE FUNCTION call_ledger.one_operation();
