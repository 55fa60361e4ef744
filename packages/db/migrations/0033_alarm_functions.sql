-- How long each account has had no accepted delivery, and how many calls began in the same span of each of the six weeks
-- before (ten stand for more), the newest first. A week is left out if the account had no call before its span.
create or replace function call_ledger.account_silences(moment timestamptz)
returns table (account_id uuid, org_id uuid, seconds bigint, usual integer[])
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.org_id, floor(extract(epoch from moment - s.since))::bigint, array(
    select (
      select count(*) from (
        select from public.calls c
        where c.provider_account_id = a.id
          and c.created_at > s.since - interval '7 days' * w.week
          and c.created_at <= moment - interval '7 days' * w.week
        limit 10) k)::integer
    from generate_series(1, 6) as w (week)
    where s.first_call < s.since - interval '7 days' * w.week
    order by w.week)
  from public.provider_accounts a
  cross join lateral (
    select (
      select c.created_at from public.calls c where c.provider_account_id = a.id
      order by c.created_at limit 1) as first_call,
      coalesce((
        select d.at from public.delivery_counts d
        where d.provider_account_id = a.id and d.accepted > 0 and d.at <= moment
        order by d.at desc limit 1), (
        select c.created_at from public.calls c
        where c.provider_account_id = a.id and c.created_at <= moment
        order by c.created_at desc limit 1)) as since) s
  where s.first_call is not null and s.since < moment - interval '10 minutes'
$$;

grant execute on function call_ledger.account_silences to call_ledger_definer;

-- Notes that somebody looks after an alarm, so that it is not repeated; with `of_org` only an alarm of that organization.
-- The first to say so stands. False: there is no such alarm that is open.
create or replace function call_ledger.acknowledge_alarm(alarm_id uuid, of_org uuid, by_whom text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.alarms a set
    acknowledged_by = coalesce(a.acknowledged_by, left(by_whom, 200)),
    acknowledged_at = coalesce(a.acknowledged_at, now())
  where a.id = alarm_id and a.closed_at is null and (of_org is null or a.org_id = of_org);
  return found;
end
$$;

grant execute on function call_ledger.acknowledge_alarm to call_ledger_writer;

-- What the ledger says at `moment` about everything that can be an alarm, in one round trip. Only what is not as it
-- should be has a row, but for the silence of accounts. Ages in seconds, sizes in bytes.
create or replace function call_ledger.alarm_readings(moment timestamptz) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
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
      where d.at > moment - interval '15 minutes' and d.at <= moment),
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
        select q.org_id, count(*) filter (where q.status in ('failed', 'expired')) as given_up,
          count(*) filter (where q.status in ('pending', 'fetching')) as expiring
        from public.recording_upload_queue q
        where (q.status in ('failed', 'expired') and q.finished_at > moment - interval '1 day' and q.finished_at <= moment)
          or (q.status in ('pending', 'fetching') and q.last_error is not null
            and q.deadline < moment + interval '1 day')
        group by q.org_id) r),
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

-- Claims messages that are due, at most `most`: of each channel the oldest one, so that what closed is never told before
-- it opened. While a message is held, next_attempt_at is the end of its lease. `settings` are encrypted, base64.
create or replace function call_ledger.claim_alert_deliveries(most integer, lease_seconds integer)
returns table (id uuid, lease_token uuid, attempts integer, created_at timestamptz, news jsonb,
  channel_id uuid, org_id uuid, kind text, settings text, lasts_seconds double precision)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with due as (
    select d.id from public.alert_deliveries d
    where d.status = 'pending' and d.next_attempt_at <= now()
      and not exists (
        select from public.alert_deliveries b
        where b.channel_id = d.channel_id and b.status = 'pending' and (b.created_at, b.id) < (d.created_at, d.id))
    order by d.next_attempt_at
    limit most
    for no key update skip locked
  ), claimed as (
    update public.alert_deliveries d set
      attempts = d.attempts + 1,
      lease_token = gen_random_uuid(),
      next_attempt_at = now() + make_interval(secs => lease_seconds)
    from due where d.id = due.id
    returning d.*
  )
  select c.id, c.lease_token, c.attempts, c.created_at, c.news, h.id, h.org_id, h.kind, encode(h.settings, 'base64'),
    extract(epoch from now() - c.created_at)::double precision
  from claimed c join public.alert_channels h on h.id = c.channel_id;
end
$$;

grant execute on function call_ledger.claim_alert_deliveries to call_ledger_worker;

-- Adds to the counts of deliveries by account and minute. Rows: account_id, at, accepted, refused, unproven, failing.
-- Several processes add to the same minute; they lock rows in one order.
create or replace function call_ledger.count_deliveries(counts jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.delivery_counts as d (provider_account_id, at, accepted, refused, unproven, failing)
  select c.account_id, c.at, c.accepted, c.refused, c.unproven, c.failing
  from jsonb_to_recordset(counts)
    as c (account_id uuid, at timestamptz, accepted integer, refused integer, unproven integer, failing integer)
  join public.provider_accounts a on a.id = c.account_id
  order by c.account_id, c.at
  on conflict (provider_account_id, at) do update set
    accepted = d.accepted + excluded.accepted,
    refused = d.refused + excluded.refused,
    unproven = d.unproven + excluded.unproven,
    failing = d.failing + excluded.failing;
end
$$;

grant execute on function call_ledger.count_deliveries to call_ledger_writer;

-- Extends the lease of a message; false: it is not held any more.
create or replace function call_ledger.extend_alert_delivery(delivery_id uuid, token uuid, lease_seconds integer)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.alert_deliveries d set next_attempt_at = now() + make_interval(secs => lease_seconds)
  where d.id = delivery_id and d.lease_token = token and d.status = 'pending';
  return found;
end
$$;

grant execute on function call_ledger.extend_alert_delivery to call_ledger_worker;

-- Tells nobody of an alarm until `until`, nor of the next one of the same kind and scope; null: from now on again. With
-- `of_org` only an alarm of that organization. False: there is no such alarm.
create or replace function call_ledger.mute_alarm(alarm_id uuid, of_org uuid, until timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.alarms a set muted_until = until
  from public.alarms named
  where named.id = alarm_id and (of_org is null or named.org_id = of_org)
    and a.condition = named.condition and a.scope = named.scope
    and (a.id = named.id or a.closed_at is null or a.muted_until > now());
  return found;
end
$$;

grant execute on function call_ledger.mute_alarm to call_ledger_writer;

-- The tables of this product, by name: a database may hold other people's tables beside them.
create or replace function call_ledger.own_tables() returns setof regclass
language sql stable set search_path = pg_catalog, pg_temp
return unnest(array[
  'public.organizations', 'public.provider_accounts', 'public.agents', 'public.api_keys',
  'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
  'public.call_annotations', 'public.share_links', 'public.account_contacts',
  'public.calls', 'public.call_tracking', 'public.call_logs', 'public.call_transcripts',
  'public.prompts', 'public.call_prompts',
  'public.call_routes', 'public.processed_webhook_events', 'public.quarantined_deliveries',
  'public.recording_upload_queue', 'public.background_heartbeats', 'public.housekeeping_runs', 'public.database_sizes',
  'public.alert_channels', 'public.alarms', 'public.alert_deliveries', 'public.delivery_counts'
]::regclass[]);

-- Queues a test message for one channel, or for all; of the organization if one is named. Returns the ids of the messages.
create or replace function call_ledger.queue_test_alert(wanted_channel uuid, of_org uuid) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  insert into public.alert_deliveries (channel_id, news)
  select c.id, '[]' from public.alert_channels c
  where (wanted_channel is null or c.id = wanted_channel) and (of_org is null or c.org_id = of_org)
  returning id;
end
$$;

grant execute on function call_ledger.queue_test_alert to call_ledger_writer;

-- Opens, keeps and closes alarms by what holds at `moment`, and queues one message for each channel that has to hear of
-- it. `sightings`: condition, scope, org_id, opens, figures. An alarm closes when it was not seen for `quiet_seconds`, and
-- is repeated every `repeat_seconds` until somebody has acknowledged it. Returns how many were opened and closed.
create or replace function call_ledger.settle_alarms(
  sightings jsonb, moment timestamptz, quiet_seconds integer, repeat_seconds integer) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  opened integer;
  closed uuid[];
begin
  -- Two processes that evaluate at the same time do it one after the other.
  perform pg_advisory_xact_lock(hashtextextended('call_ledger alarms', 0));

  insert into public.alarms (org_id, condition, scope, figures, opened_at, last_seen_at, muted_until)
  select s.org_id, s.condition, s.scope, s.figures, moment, moment, (
    -- Who has muted an alarm has muted the next one of the same kind too.
    select max(p.muted_until) from public.alarms p
    where p.condition = s.condition and p.scope = s.scope and p.muted_until > moment)
  from jsonb_to_recordset(sightings) as s (condition text, scope text, org_id uuid, opens boolean, figures jsonb)
  where s.opens
  on conflict (condition, scope) where closed_at is null do nothing;
  get diagnostics opened = row_count;

  update public.alarms a set last_seen_at = greatest(a.last_seen_at, moment), figures = s.figures
  from jsonb_to_recordset(sightings) as s (condition text, scope text, figures jsonb)
  where a.condition = s.condition and a.scope = s.scope and a.closed_at is null;

  with ended as (
    update public.alarms a set closed_at = moment
    where a.closed_at is null and a.last_seen_at <= moment - make_interval(secs => quiet_seconds)
    returning a.id)
  select coalesce(array_agg(e.id), '{}') into closed from ended e;

  with due as (
    select a.id, case when a.closed_at is not null then 'closed' when a.notified_at is null then 'opened' else 'repeated' end as kind
    from public.alarms a
    where (a.muted_until is null or a.muted_until <= moment)
      and case
        when a.closed_at is not null then a.id = any (closed) and a.notified_at is not null
        else a.notified_at is null
          or (a.acknowledged_at is null and a.notified_at <= moment - make_interval(secs => repeat_seconds))
      end
      and (a.closed_at is null or a.id = any (closed))
  ), told as (
    update public.alarms a set notified_at = moment from due d where a.id = d.id
    returning a.*, d.kind
  )
  insert into public.alert_deliveries (channel_id, news)
  select c.id, jsonb_agg(
    jsonb_build_object(
      'kind', t.kind, 'alarm_id', t.id, 'condition', t.condition, 'scope', t.scope, 'figures', t.figures,
      'at', moment, 'opened_at', t.opened_at)
    order by t.opened_at, t.id)
  from told t
  join public.alert_channels c on (c.org_id is null or c.org_id = t.org_id)
    -- A channel that takes no message is not told that it takes none.
    and t.scope <> 'channel:' || c.id
  group by c.id;

  return jsonb_build_object('opened', opened, 'closed', cardinality(closed));
end
$$;

grant execute on function call_ledger.settle_alarms to call_ledger_worker;

-- Ends an attempt: sent, failed for good, or pending and tried again in `retry_seconds`, with the reason in our words.
-- An attempt that was interrupted is pending without a reason. False: the message is not held any more.
create or replace function call_ledger.settle_alert_delivery(
  delivery_id uuid, token uuid, verdict text, reason text, retry_seconds integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  its_channel uuid;
begin
  if verdict is null or verdict not in ('sent', 'failed', 'pending') then
    raise exception 'verdict has to be sent, failed or pending' using errcode = '22023';
  end if;
  update public.alert_deliveries d set
    status = verdict,
    last_error = case when verdict = 'sent' then null else coalesce(left(reason, 500), d.last_error) end,
    next_attempt_at = now() + make_interval(secs => coalesce(retry_seconds, 0)),
    lease_token = null,
    finished_at = case when verdict <> 'pending' then now() end
  where d.id = delivery_id and d.lease_token = token and d.status = 'pending'
  returning d.channel_id into its_channel;
  if not found then return false; end if;

  if verdict = 'sent' then
    update public.alert_channels c set last_sent_at = now(), failing_since = null, last_error = null
    where c.id = its_channel;
  elsif reason is not null then
    update public.alert_channels c set
      failing_since = coalesce(c.failing_since, now()), last_error = left(reason, 500)
    where c.id = its_channel;
  end if;
  return true;
end
$$;

grant execute on function call_ledger.settle_alert_delivery to call_ledger_worker;

-- Drops alarms that closed 90 days ago, messages that ended 30 days ago, and counts of deliveries that are older than two
-- days; of each account the newest count with an accepted delivery stays, because it tells since when it is silent.
-- At most `most` of each. Returns how many.
create or replace function call_ledger.trim_alerts(moment timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer := 0;
  step integer;
begin
  delete from public.alarms a where a.id in (
    select o.id from public.alarms o where o.closed_at < moment - interval '90 days' limit most);
  get diagnostics step = row_count;
  dropped := dropped + step;

  delete from public.alert_deliveries d where d.id in (
    select o.id from public.alert_deliveries o where o.finished_at < moment - interval '30 days' limit most);
  get diagnostics step = row_count;
  dropped := dropped + step;

  delete from public.delivery_counts d
  using (
    select o.provider_account_id, o.at from public.delivery_counts o
    where o.at < moment - interval '2 days'
      and (o.accepted = 0 or exists (
        select from public.delivery_counts n
        where n.provider_account_id = o.provider_account_id and n.at > o.at and n.accepted > 0))
    limit most) old
  where d.provider_account_id = old.provider_account_id and d.at = old.at;
  get diagnostics step = row_count;
  return dropped + step;
end
$$;

grant execute on function call_ledger.trim_alerts to call_ledger_worker;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.acknowledge_alarm(uuid, uuid, text) owner to call_ledger_definer;
alter function call_ledger.alarm_readings(timestamp with time zone) owner to call_ledger_definer;
alter function call_ledger.claim_alert_deliveries(integer, integer) owner to call_ledger_definer;
alter function call_ledger.count_deliveries(jsonb) owner to call_ledger_definer;
alter function call_ledger.extend_alert_delivery(uuid, uuid, integer) owner to call_ledger_definer;
alter function call_ledger.mute_alarm(uuid, uuid, timestamp with time zone) owner to call_ledger_definer;
alter function call_ledger.queue_test_alert(uuid, uuid) owner to call_ledger_definer;
alter function call_ledger.settle_alarms(jsonb, timestamp with time zone, integer, integer) owner to call_ledger_definer;
alter function call_ledger.settle_alert_delivery(uuid, uuid, text, text, integer) owner to call_ledger_definer;
alter function call_ledger.trim_alerts(timestamp with time zone, integer) owner to call_ledger_definer;

revoke create on schema public, call_ledger from call_ledger_definer;

select call_ledger.revoke_from_strangers();

-- Logins that were created before inherit nothing from their roles. Who may book is the writer's, who may claim
-- recordings the worker's.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array['call_ledger.acknowledge_alarm(uuid, uuid, text)', 'call_ledger.alarm_readings(timestamp with time zone)', 'call_ledger.claim_alert_deliveries(integer, integer)', 'call_ledger.count_deliveries(jsonb)', 'call_ledger.extend_alert_delivery(uuid, uuid, integer)', 'call_ledger.mute_alarm(uuid, uuid, timestamp with time zone)', 'call_ledger.queue_test_alert(uuid, uuid)', 'call_ledger.settle_alarms(jsonb, timestamp with time zone, integer, integer)', 'call_ledger.settle_alert_delivery(uuid, uuid, text, text, integer)', 'call_ledger.trim_alerts(timestamp with time zone, integer)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings(text[], integer, boolean, integer)'::regprocedure)
    ) as u (role, sign)
    join pg_catalog.pg_proc p on p.oid = u.sign
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee and r.rolcanlogin
    where has_function_privilege(u.role, f.signature, 'execute')
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;

update call_ledger.schema_state set version = 34;
