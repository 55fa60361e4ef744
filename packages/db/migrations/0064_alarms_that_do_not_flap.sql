-- Returns how many calls of an account began in the same span of each of the six weeks before, newest week first. The
-- span has the same times of the day in the organization's time zone, also before a change of daylight-saving time. For
-- the platform's account that is the zone of most of its agents. Counting stops at ten. A week is left out if the account
-- had no call before its span.
create or replace function call_ledger.account_calls_usual(
  account_id uuid, account_org_id uuid, span_since timestamptz, span_until timestamptz) returns integer[]
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select array(
    select (
      select count(*) from (
        select from public.calls c
        where c.provider_account_id = account_id and c.created_at > p.since and c.created_at <= p.until
        limit 10) k)::integer
    from generate_series(1, 6) as w (week)
    cross join lateral (
      select (span_since at time zone z.time_zone - interval '7 days' * w.week) at time zone z.time_zone as since,
        (span_until at time zone z.time_zone - interval '7 days' * w.week) at time zone z.time_zone as until) p
    where exists (
      select from public.calls f where f.provider_account_id = account_id and f.created_at < p.since)
    order by w.week)
  from (
    select coalesce((
      select o.time_zone from public.organizations o where o.id = account_org_id), (
      select o.time_zone from public.agents g join public.organizations o on o.id = g.org_id
      where g.provider_account_id = account_id and g.deleted_at is null
      group by o.time_zone order by count(*) desc, o.time_zone limit 1), 'UTC') as time_zone) z
$$;

grant execute on function call_ledger.account_calls_usual to call_ledger_definer;

-- Returns the deliveries of each account that refused some within two days, or whose refusal lasts. `refused` have a
-- wrong or an old proof, `unproven` have none. Without another name, a figure is of the last hour. `quiet_seconds`: since
-- the last wrong proof of the two days; null: there was none. `accepted_since`: deliveries that were accepted since then.
-- `accepted_between`: the most that were accepted between one wrong proof and the next. `unproven_since`: deliveries
-- without a proof of the two days since the last accepted one.
create or replace function call_ledger.account_refusals(moment timestamptz)
returns table (
  account_id uuid, org_id uuid, lasts boolean, refused bigint, unproven bigint, accepted bigint,
  refused_half_day bigint, accepted_half_day bigint, unproven_since bigint, accepted_two_days bigint,
  quiet_seconds bigint, accepted_since bigint, accepted_between bigint)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.org_id, l.lasts, t.*, r.*
  from public.provider_accounts a
  cross join lateral (
    -- Strangers send deliveries without a proof.
    select exists (
      select from public.account_contacts c
      where c.provider_account_id = a.id and c.last_refusal <> 'no_proof'
        and c.last_refused_at > coalesce(c.last_verified_at, '-infinity')) as lasts) l
  cross join lateral (
    select
      coalesce(sum(d.refused) filter (where d.at > moment - interval '1 hour'), 0),
      coalesce(sum(d.unproven) filter (where d.at > moment - interval '1 hour'), 0),
      coalesce(sum(d.accepted) filter (where d.at > moment - interval '1 hour'), 0),
      coalesce(sum(d.refused) filter (where d.at > moment - interval '12 hours'), 0),
      coalesce(sum(d.accepted) filter (where d.at > moment - interval '12 hours'), 0),
      coalesce(sum(d.unproven) filter (where d.at > coalesce(d.accepted_at, '-infinity')), 0),
      coalesce(sum(d.accepted), 0)
    from (
      select c.*, max(c.at) filter (where c.accepted > 0) over () as accepted_at from public.delivery_counts c
      where c.provider_account_id = a.id and c.at > moment - interval '2 days' and c.at <= moment) d
  ) t
  cross join lateral (
    select floor(extract(epoch from moment - max(b.began_at)))::bigint,
      coalesce(max(b.accepted) filter (where b.is_last), 0), coalesce(max(b.accepted) filter (where not b.is_last), 0)
    from (
      -- Each wrong proof begins a span, which ends before the next one.
      select min(s.at) as began_at, sum(s.accepted) filter (where s.refused = 0) as accepted,
        s.span = max(s.span) over () as is_last
      from (
        select c.at, c.accepted, c.refused, count(*) filter (where c.refused > 0) over (order by c.at) as span
        from public.delivery_counts c
        where c.provider_account_id = a.id and c.at > moment - interval '2 days' and c.at <= moment) s
      where s.span > 0
      group by s.span) b
  ) r
  where l.lasts or exists (
    select from public.delivery_counts c
    where c.provider_account_id = a.id and c.at > moment - interval '2 days' and c.at <= moment
      and (c.refused > 0 or c.unproven > 0))
$$;

grant execute on function call_ledger.account_refusals to call_ledger_definer;

-- Returns for each account with an open alarm of its silence how many of its calls came with deliveries in the last two
-- hours, and how many began in the same two hours of earlier weeks (account_calls_usual). Counting stops at ten. Calls that only
-- the provider's list brought are not counted. A call in quarantine is.
create or replace function call_ledger.account_returns(moment timestamptz)
returns table (account_id uuid, org_id uuid, calls bigint, usual integer[])
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.org_id, (
    select count(*) from (
      select c.provider_call_id from public.calls c
      where c.provider_account_id = a.id and c.created_at > moment - interval '2 hours' and c.created_at <= moment
        and not exists (
          select from public.provider_calls p
          where p.provider_account_id = a.id and p.provider_call_id = c.provider_call_id and p.lacked = 'call')
      union
      select q.provider_call_id from public.quarantined_deliveries q
      where q.provider_account_id = a.id and q.replayed_at is null and q.provider_call_id is not null
        and q.received_at > moment - interval '2 hours' and q.received_at <= moment
      limit 10) k),
    call_ledger.account_calls_usual(a.id, a.org_id, moment - interval '2 hours', moment)
  from public.alarms o
  join public.provider_accounts a on o.scope = 'account:' || a.id
  where o.condition = 'no_deliveries' and o.closed_at is null
$$;

grant execute on function call_ledger.account_returns to call_ledger_definer;

-- Returns for how long each account has had no accepted delivery, and how many calls began in the same span of earlier
-- weeks (account_calls_usual).
create or replace function call_ledger.account_silences(moment timestamptz)
returns table (account_id uuid, org_id uuid, seconds bigint, usual integer[])
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.org_id, floor(extract(epoch from moment - s.since))::bigint,
    call_ledger.account_calls_usual(a.id, a.org_id, s.since, moment)
  from public.provider_accounts a
  cross join lateral (
    select
      coalesce((
        select d.at from public.delivery_counts d
        where d.provider_account_id = a.id and d.accepted > 0 and d.at <= moment
        order by d.at desc limit 1), (
        select c.created_at from public.calls c
        where c.provider_account_id = a.id and c.created_at <= moment
        order by c.created_at desc limit 1)) as since) s
  where s.since < moment - interval '10 minutes'
    and exists (select from public.calls c where c.provider_account_id = a.id)
$$;

grant execute on function call_ledger.account_silences to call_ledger_definer;

-- Returns the figures of everything that can be an alarm at `moment`, in one round trip. Only faults have rows, except
-- for the silence of accounts. Ages in seconds, sizes in bytes.
create or replace function call_ledger.alarm_readings(moment timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  return jsonb_build_object(
    'refused', (select coalesce(jsonb_agg(r), '[]') from call_ledger.account_refusals(moment) r),
    'failing', (
      select coalesce(sum(d.failing), 0) from public.delivery_counts d
      where d.at > moment - interval '1 hour' and d.at <= moment),
    'silent', (select coalesce(jsonb_agg(s), '[]') from call_ledger.account_silences(moment) s),
    'returning', (select coalesce(jsonb_agg(r), '[]') from call_ledger.account_returns(moment) r),
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
          where w.status in ('pending', 'fetching')
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

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 65;
