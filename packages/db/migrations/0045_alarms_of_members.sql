-- Notes that somebody looks after an alarm, so that it is not repeated; with `of_org` only an alarm of that organization.
-- The first to say so stands. False: there is no such alarm that is open.
create or replace function call_ledger.acknowledge_alarm(alarm_id uuid, of_org uuid, by_whom text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  update public.alarms a set
    acknowledged_by = coalesce(a.acknowledged_by, left(by_whom, 200)),
    acknowledged_at = coalesce(a.acknowledged_at, now())
  where a.id = alarm_id and a.closed_at is null and (own is null or a.org_id = own);
  return found;
end
$$;

grant execute on function call_ledger.acknowledge_alarm to call_ledger_manager, call_ledger_api_operator;

-- What the ledger says at `moment` about everything that can be an alarm, in one round trip. Only what is not as it
-- should be has a row, but for the silence of accounts. Ages in seconds, sizes in bytes.
create or replace function call_ledger.alarm_readings(moment timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  return jsonb_build_object(
    'refused', (
      select coalesce(jsonb_agg(r), '[]') from (
        select a.id as account_id, a.org_id, sum(d.refused) as refused, sum(d.unproven) as unproven,
          sum(d.accepted) as accepted
        from public.delivery_counts d join public.provider_accounts a on a.id = d.provider_account_id
        where d.at > moment - interval '1 hour' and d.at <= moment
        group by a.id, a.org_id
        having sum(d.refused) + sum(d.unproven) > 0) r),
    'failing', (
      select coalesce(sum(d.failing), 0) from public.delivery_counts d
      where d.at > moment - interval '1 hour' and d.at <= moment),
    'silent', (select coalesce(jsonb_agg(s), '[]') from call_ledger.account_silences(moment) s),
    'endings', (
      select coalesce(jsonb_agg(e), '[]') from (
        select a.id as account_id, a.org_id, a.provider, c.ended_reason as reason, count(*) as calls
        from public.provider_accounts a
        join public.calls c on c.provider_account_id = a.id
          and c.created_at > moment - interval '2 hours' and c.created_at <= moment
        where c.outcome = 'failed' and c.ended_reason is not null
          and c.ended_at > moment - interval '5 minutes' and c.ended_at <= moment
        group by a.id, a.org_id, a.provider, c.ended_reason
        limit 1000) e),
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
        select q.org_id, sum(q.given_up) as given_up, sum(q.expiring) as expiring
        from (
          select g.org_id, 1 as given_up, 0 as expiring from public.recording_upload_queue g
          where g.status in ('failed', 'expired')
            and g.finished_at > moment - interval '1 day' and g.finished_at <= moment
          union all
          select w.org_id, 0, 1 from public.recording_upload_queue w
          where w.status in ('pending', 'fetching') and w.last_error is not null
            and w.deadline < moment + interval '1 day') q
        group by q.org_id) r),
    'incomplete', (select coalesce(jsonb_agg(i), '[]') from call_ledger.incomplete_days(moment) i),
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

-- The days of the last week that ended an hour before `moment` or earlier and are not complete: calls are missing that the
-- provider has named, or the comparison with the provider fails and has not come so far. By account; of the platform's
-- accounts by organization, without an account, and what was not compared of them without an organization. A call whose
-- agent no organization has is no organization's, so it is not counted.
create or replace function call_ledger.incomplete_days(moment timestamptz)
returns table (account_id uuid, org_id uuid, days bigint, calls bigint)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  with bounds as (
    select moment - interval '1 hour' as over_before, moment - interval '8 days' as since
  ), missing as (
    select c.org_id as owner_id, c.provider_account_id, p.org_id, d.day, count(*) as calls
    from bounds b
    cross join public.reconciled_accounts c
    join public.provider_calls p on p.provider_account_id = c.provider_account_id
      and p.missing is not null and p.created_at >= b.since and p.created_at < b.over_before
    join public.organizations o on o.id = p.org_id
    cross join lateral (select (p.created_at at time zone o.time_zone)::date as day) d
    where (d.day + 1)::timestamp at time zone o.time_zone <= b.over_before
    group by 1, 2, 3, 4
  ), uncompared as (
    select c.org_id as owner_id, c.provider_account_id, c.org_id, d.day, 0::bigint as calls
    from bounds b
    cross join public.reconciled_accounts c
    left join public.organizations o on o.id = c.org_id
    cross join lateral (select coalesce(o.time_zone, 'UTC') as time_zone) z
    cross join lateral generate_series(1, 7) as g (days_ago)
    cross join lateral (select (moment at time zone z.time_zone)::date - g.days_ago as day) d
    where (c.error is not null or c.started_at > coalesce(c.finished_at, '-infinity'))
      -- An account without its key is not compared any more.
      and c.started_at > moment - interval '2 days'
      and d.day::timestamp at time zone z.time_zone >= coalesce(c.compared_since, c.created_at)
      and (d.day + 1)::timestamp at time zone z.time_zone <= b.over_before
      and (d.day + 1)::timestamp at time zone z.time_zone > coalesce(c.compared_until, '-infinity')
  )
  select
    case when u.owner_id is not null or u.org_id is null then u.provider_account_id end as account_id,
    u.org_id, count(distinct u.day), sum(u.calls)::bigint
  from (select * from missing union all select * from uncompared) u
  group by 1, 2
$$;

grant execute on function call_ledger.incomplete_days to call_ledger_definer;

-- What /health says of the database, in one round trip. Sizes in megabytes of 1,048,576 bytes, ages in seconds.
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
      select jsonb_build_object('incomplete_days', coalesce(sum(i.days), 0), 'missing_calls', coalesce(sum(i.calls), 0))
      from call_ledger.incomplete_days(now()) i),
    'last_event_at', (select max(e.created_at) from public.processed_webhook_events e),
    'worker_age_seconds', (
      select extract(epoch from clock_timestamp() - max(h.last_run_at))
      from public.background_heartbeats h where h.name like 'worker:%'),
    'size_before', (
      select jsonb_build_object(
        'mb', round(s.size_bytes / 1048576.0, 3),
        'age_seconds', extract(epoch from clock_timestamp() - s.at))
      from public.database_sizes s where s.at > now() - interval '7 days' order by s.at limit 1),
    'late_jobs', (
      select coalesce(jsonb_agg(r.name order by r.name), '[]')
      from public.housekeeping_runs r
      where coalesce(r.succeeded_at, r.created_at) < now() - 3 * make_interval(secs => r.every_seconds)
        and (r.lease_token is null or r.next_run_at <= now())));
end
$$;

-- Tells nobody of an alarm until `until`, nor of the next one of the same kind and scope; null: from now on again. With
-- `of_org` only an alarm of that organization. False: there is no such alarm.
create or replace function call_ledger.mute_alarm(alarm_id uuid, of_org uuid, until timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  update public.alarms a set muted_until = until
  from public.alarms named
  where named.id = alarm_id and (own is null or named.org_id = own)
    and a.condition = named.condition and a.scope = named.scope
    and (a.id = named.id or a.closed_at is null or a.muted_until > now());
  return found;
end
$$;

grant execute on function call_ledger.mute_alarm to call_ledger_manager, call_ledger_api_operator;

-- Queues a test message for one channel, or for all; of the organization if one is named. Returns the ids of the messages.
create or replace function call_ledger.queue_test_alert(wanted_channel uuid, of_org uuid) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  return query
  insert into public.alert_deliveries (channel_id, news)
  select c.id, '[]' from public.alert_channels c
  where (wanted_channel is null or c.id = wanted_channel) and (own is null or c.org_id = own)
  returning id;
end
$$;

grant execute on function call_ledger.queue_test_alert to call_ledger_manager, call_ledger_api_operator;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 46;
