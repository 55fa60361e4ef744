-- Returns the facts about the database for /health, in one round trip. Sizes in megabytes of 1,048,576 bytes, ages in
-- seconds.
create or replace function call_ledger.ledger_status() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'database_size_mb', round(pg_database_size(current_database()) / 1048576.0, 1),
    'migration', (select s.version from call_ledger.schema_state s),
    'oldest_code', (select s.oldest_code from call_ledger.schema_state s),
    'queue', (
      select jsonb_build_object(
        'depth', count(*),
        'oldest_age_seconds', floor(extract(epoch from now() - min(q.created_at))))
      from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.waits_for_host is null),
    'dead', (select count(*) from public.recording_upload_queue q where q.status = 'failed'),
    'quarantined', (
      select count(*) from (
        select from public.quarantined_deliveries q where q.replayed_at is null limit 10000) q),
    'attention', (
      select coalesce(jsonb_object_agg(m.mark, m.calls), '{}')
      from (
        select m.mark, count(*) as calls
        from public.calls c cross join lateral unnest(c.attention) m (mark)
        where c.attention <> '{}' and c.created_at > now() - interval '1 day'
        group by m.mark) m),
    'completeness', (
      select jsonb_build_object('incomplete_days', coalesce(sum(i.days + i.uncompared), 0), 'missing_calls', coalesce(sum(i.calls), 0))
      from call_ledger.incomplete_days(now()) i),
    'repaired', (
      select coalesce(jsonb_object_agg(r.lacked, r.calls), '{}')
      from (
        select p.lacked, count(*) as calls from public.provider_calls p
        where p.created_at > now() - interval '1 day' and p.lacked is not null and p.missing is null
        group by p.lacked) r),
    'missing', (
      select coalesce(jsonb_object_agg(m.missing, m.calls), '{}')
      from (
        select p.missing, count(*) as calls
        from public.reconciled_accounts a
        join public.provider_calls p on p.provider_account_id = a.provider_account_id
          and p.missing is not null and p.created_at > now() - interval '7 days'
        left join public.calls k
          on k.org_id = p.org_id and k.provider = a.provider and k.provider_call_id = p.provider_call_id
        where p.missing = 'gone' or k.id is null or (p.has_ended and k.awaits_report)
        group by p.missing) m),
    'last_event_at', (select max(e.created_at) from public.processed_webhook_events e),
    'worker_age_seconds', (
      select extract(epoch from clock_timestamp() - max(h.last_run_at))
      from public.background_heartbeats h where h.name like 'worker:%'),
    'size_before', (
      select jsonb_build_object(
        'mb', round(s.size_bytes / 1048576.0, 3),
        'age_seconds', extract(epoch from clock_timestamp() - s.at))
      from public.database_sizes s where s.at > now() - interval '7 days' order by s.at limit 1),
    'late_jobs', (select coalesce(jsonb_agg(n), '[]') from call_ledger.late_jobs() n));
end
$$;
