-- Returns the tables of this product by name, because a database may also contain tables of others.
create or replace function call_ledger.own_tables() returns setof regclass
language sql stable set search_path = pg_catalog, pg_temp
return unnest(array[
  'public.organizations', 'public.provider_accounts', 'public.agents', 'public.api_keys',
  'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
  'public.call_annotations', 'public.share_links', 'public.account_contacts',
  'public.calls', 'public.call_tracking', 'public.call_logs', 'public.call_transcripts',
  'public.prompts', 'public.call_prompts', 'public.call_changes', 'public.call_change_epochs',
  'public.call_routes', 'public.processed_webhook_events', 'public.quarantined_deliveries',
  'public.recording_upload_queue', 'public.background_heartbeats', 'public.housekeeping_runs', 'public.database_sizes',
  'public.alert_channels', 'public.alarms', 'public.alert_deliveries', 'public.delivery_counts',
  'public.reconciled_accounts', 'public.provider_calls'
]::regclass[]);
