-- Returns the figures of everything that can be an alarm at `moment`, in one round trip; null: now. Only faults have
-- rows, except for the silence of accounts. Ages in seconds, sizes in bytes.
create or replace function call_ledger.alarm_readings(moment timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  moment := coalesce(moment, now());
  return jsonb_build_object(
    'moment', moment,
    'refused', (select coalesce(jsonb_agg(r), '[]') from call_ledger.account_refusals(moment) r),
    'failing', (
      select coalesce(sum(d.failing), 0) from public.delivery_counts d
      where d.at > moment - interval '1 hour' and d.at <= moment),
    'silent', (select coalesce(jsonb_agg(s), '[]') from call_ledger.account_silences(moment) s),
    'returning', (select coalesce(jsonb_agg(r), '[]') from call_ledger.account_returns(moment) r),
    'endings', (
      select coalesce(jsonb_agg(e), '[]') from (
        -- The release before reads `calls`.
        select r.account_id, r.org_id, r.provider, r.reason,
          count(*) filter (where r.ended_at > moment - interval '5 minutes') as calls,
          jsonb_agg(floor(extract(epoch from moment - r.ended_at))) as seconds_ago
        from (
          select a.id as account_id, a.org_id, a.provider, c.ended_reason as reason, c.ended_at
          from public.provider_accounts a
          join public.calls c on c.provider_account_id = a.id
            and c.created_at > moment - interval '3 hours' and c.created_at <= moment
          where c.outcome = 'failed' and c.ended_reason is not null
            and c.ended_at > moment - interval '30 minutes' and c.ended_at <= moment
          order by c.ended_at desc
          limit 1000) r
        group by r.account_id, r.org_id, r.provider, r.reason) e),
    'overdue', (
      select coalesce(jsonb_agg(o), '[]') from (
        select c.org_id, count(*) as calls from public.calls c
        where c.attention <> '{}' and c.attention && array['stuck', 'missing_report']
          and c.created_at > moment - interval '1 day' and c.created_at <= moment
        group by c.org_id) o),
    'quarantine', (
      select coalesce(jsonb_agg(q), '[]') from (
        select a.id as account_id, a.org_id, count(*) as waiting,
          floor(extract(epoch from moment - min(q.received_at))) as oldest_seconds
        from public.quarantined_deliveries q join public.provider_accounts a on a.id = q.provider_account_id
        where q.replayed_at is null and q.received_at <= moment
        group by a.id, a.org_id) q),
    'recordings', (
      select coalesce(jsonb_agg(r), '[]') from (
        select q.org_id, sum(q.given_up) as given_up, sum(q.expiring) as expiring,
          sum(q.failing) as failing
        from (
          select g.org_id, 1 as given_up, 0 as expiring, 0 as failing from public.recording_upload_queue g
          where g.status in ('failed', 'expired')
            and g.finished_at > moment - interval '1 day' and g.finished_at <= moment
          union all
          select w.org_id, 0, 1, 0 from public.recording_upload_queue w
          where w.status in ('pending', 'fetching')
            and w.deadline < moment + interval '1 day'
          union all
          select f.org_id, 0, 0, 1 from public.recording_upload_queue f
          where f.status in ('pending', 'fetching') and f.last_error is not null
            and f.created_at <= moment - interval '1 hour') q
        group by q.org_id) r),
    'incomplete', (select coalesce(jsonb_agg(i), '[]') from call_ledger.incomplete_days(moment) i),
    'repaired', (select coalesce(jsonb_agg(r), '[]') from call_ledger.repaired_calls(moment) r),
    'worker_seconds', (
      -- A ledger that has never had a worker has waited for one since it was first looked at.
      select coalesce(floor(extract(epoch from moment - coalesce(
        (select max(h.last_run_at) from public.background_heartbeats h where h.name like 'worker:%'),
        (select r.created_at from public.housekeeping_runs r where r.name = 'alarms')))), 0)),
    'database_bytes', pg_database_size(current_database()),
    'idle_seconds', floor(extract(epoch from moment - coalesce(
      (select max(e.created_at) from public.processed_webhook_events e),
      (select r.created_at from public.housekeeping_runs r where r.name = 'alarms'), moment))),
    'certificate', (
      select r.result from public.housekeeping_runs r
      where r.name = 'certificate' and r.succeeded_at > moment - interval '2 days'),
    'channels', (
      select coalesce(jsonb_agg(f), '[]') from (
        select c.id as channel_id, c.org_id, floor(extract(epoch from moment - c.failing_since)) as seconds
        from public.alert_channels c where c.failing_since <= moment) f));
end
$$;

grant execute on function call_ledger.alarm_readings to call_ledger_worker;

update call_ledger.schema_state set version = 86;
