-- Returns the calls of yesterday of each account and organization for the operator, at most `most`: those that lacked the
-- most calls come first, then those with the most calls. Yesterday is a day of the organization's calendar. `counts` are
-- those of completeness_of_days. An account that was never compared has no row.
create or replace function call_ledger.account_completeness(most integer)
returns table (org_id uuid, account_id uuid, counts jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select d.org_id, d.account_id, d.counts
  from call_ledger.completeness_of_days(null, null, null, 2) d
  cross join lateral (
    select coalesce(sum((c ->> 'calls')::integer), 0) as calls,
      coalesce(sum((c ->> 'calls')::integer) filter (where c ->> 'missing' <> 'gone'), 0) as missing
    from jsonb_array_elements(d.counts) c) s
  where d.is_over and d.compared_until is not null
  order by s.missing desc, s.calls desc, d.org_id, d.account_id
  limit most;
end
$$;

grant execute on function call_ledger.account_completeness to call_ledger_writer;

-- Returns what the ledger knows of each of some calls of an account, by their place. fetched: a JSON array with the
-- provider's facts of each call. `missing` says why a call cannot be booked: no organization has its agent, or the call
-- may belong to another organization that has or had an agent or a number in it (may_book_named). A person decides that
-- with `decided_org_id`: calls of its agents are its calls. A call that came over another account of another
-- organization, or with an agent of one, is in the list because both accounts have keys of one customer of the provider. A call whose agent was removed
-- after it has the organization of that agent, and the reason unknown_agent.
create or replace function call_ledger.compare_fetched_calls(account_id uuid, fetched jsonb, decided_org_id uuid)
returns table (
  org_id uuid, missing text, is_known boolean, phase text, report_version text, has text[],
  cost_usd numeric, started_at timestamptz, ended_at timestamptz, ended_reason text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select w.org_id, w.missing, c.id is not null, c.phase, call_ledger.current_report_version(l.report_version),
    array_remove(array[
      case when l.transcript is not null then 'transcript' end,
      case when l.messages is not null then 'messages' end,
      case when l.summary is not null then 'summary' end,
      case when l.analysis is not null then 'analysis' end,
      case when exists (
        select from public.recording_upload_queue q
        where q.org_id = c.org_id and q.call_id = c.id) then 'recording' end], null),
    l.cost_usd, l.started_at, l.ended_at, l.ended_reason
  from rows from (jsonb_to_recordset(fetched) as (
    provider_call_id text, provider_agent_id text, provider_phone_number_id text, our_number text,
    also_named jsonb, created_at timestamptz)) with ordinality
    as f (provider_call_id, provider_agent_id, provider_phone_number_id, our_number, also_named, created_at, place)
  cross join lateral (
    select a.provider, a.org_id from public.provider_accounts a where a.id = account_id limit 1) a
  left join lateral (
    select r.org_id from public.call_routes r
    where r.provider_account_id = account_id and r.provider_call_id = f.provider_call_id limit 1) r on true
  left join lateral (
    select g.org_id
    from call_ledger.agents_named(
      account_id, f.provider_agent_id, f.provider_phone_number_id, f.our_number, f.also_named) g
    where r.org_id is null and a.org_id is null and g.deleted_at is null
    order by g.rank limit 1) g on true
  left join lateral (
    select exists (
      select from public.provider_accounts o
      join public.call_routes x on x.provider_account_id = o.id and x.provider_call_id = f.provider_call_id
      where o.provider = a.provider and o.id <> account_id and x.org_id <> coalesce(a.org_id, g.org_id)
    ) or exists (
      select from public.agents x
      join public.provider_accounts o on o.id = x.provider_account_id
      where a.org_id is not null and x.org_id <> a.org_id and x.deleted_at is null and o.provider = a.provider
        and (x.provider_agent_id = f.provider_agent_id or x.provider_phone_number_id = f.provider_phone_number_id)
    ) as is_others
    where r.org_id is null) s on true
  left join lateral (
    -- The organization that had the agent at the time of the call, if it was only one.
    select case when min(x.org_id::text) = max(x.org_id::text) then min(x.org_id::text)::uuid end as org_id
    from call_ledger.agents_named(
      account_id, f.provider_agent_id, f.provider_phone_number_id, f.our_number, f.also_named) x
    where coalesce(r.org_id, a.org_id, g.org_id) is null
      and f.created_at between x.created_at - interval '1 day' and x.deleted_at) h on true
  cross join lateral (
    select case when s.is_others then null else coalesce(r.org_id, a.org_id, g.org_id, h.org_id) end as org_id,
      case
        when s.is_others then 'organization_conflict'
        when coalesce(r.org_id, a.org_id, g.org_id) is null then 'unknown_agent'
        when g.org_id <> coalesce(decided_org_id, '00000000-0000-0000-0000-000000000000')
          and not call_ledger.may_book_named(g.org_id, account_id, f.provider_agent_id,
          f.provider_phone_number_id, f.our_number, f.also_named, f.created_at) then 'organization_conflict'
      end as missing) w
  left join lateral (
    select c.org_id, c.id, c.phase from public.calls c
    where c.org_id = w.org_id and c.provider = a.provider and c.provider_call_id = f.provider_call_id limit 1) c on true
  left join lateral (
    select l.* from public.call_logs l where l.org_id = c.org_id and l.id = c.id limit 1) l on true
  order by f.place;
end
$$;

grant execute on function call_ledger.compare_fetched_calls(uuid, jsonb, uuid) to call_ledger_worker;

-- Returns the completeness of each day of an organization's calendar, by account; of all organizations that the caller
-- may see if `of_org` is null. The days are `first_day` to `last_day`, both included; null: the last `days` until today.
-- `counts`: the calls that the provider has listed, by the part that the ledger lacked and by the reason why it lacks the
-- call. A call is missing if `calls` has no row of it, or none with the report of a call that has ended, whatever the
-- last comparison noted: it may have been booked since. `unlisted`: calls of the ledger that the provider has not listed.
-- A day is compared if all calls that changed on it were read from the provider's list. It is behind if it is over and not
-- compared, although the comparison began before it. The function runs with the rights of the caller. It has one
-- statement and no settings, so that Postgres inlines it into the calling statement.
create or replace function call_ledger.completeness_of_days(of_org uuid, first_day date, last_day date, days integer)
returns table (
  org_id uuid, time_zone text, account_id uuid, provider text, compared_until timestamptz, day date, is_over boolean,
  is_compared boolean, is_behind boolean, is_complete boolean, unlisted integer, counts jsonb)
language sql stable
begin atomic
  with ranges as (
    select o.id as org_id, o.time_zone,
      coalesce(completeness_of_days.first_day, l.last_day - completeness_of_days.days + 1) as first_day,
      l.last_day
    from public.organizations o
    cross join lateral (
      select coalesce(completeness_of_days.last_day, (now() at time zone o.time_zone)::date) as last_day) l
    where completeness_of_days.of_org is null or o.id = completeness_of_days.of_org
  ), counted as (
    select r.org_id, p.provider_account_id, (p.created_at at time zone r.time_zone)::date as day, p.lacked,
      case when k.id is null or (p.has_ended and k.awaits_report) then coalesce(p.missing, 'not_booked') end as missing,
      count(*)::integer as calls
    from ranges r
    join public.provider_calls p on p.org_id = r.org_id
      -- A bound for the index. A day begins at most 14 hours earlier than in UTC.
      and p.created_at >= (select min(f.first_day)::timestamp at time zone 'UTC' - interval '1 day' from ranges f)
      and p.created_at >= r.first_day::timestamp at time zone r.time_zone
      and p.created_at < (r.last_day + 1)::timestamp at time zone r.time_zone
    join public.reconciled_accounts c on c.provider_account_id = p.provider_account_id
    left join public.calls k
      on k.org_id = p.org_id and k.provider = c.provider and k.provider_call_id = p.provider_call_id
    group by 1, 2, 3, 4, 5
  ), known as (
    select k.org_id, k.provider_account_id, k.day,
      jsonb_agg(jsonb_build_object('lacked', k.lacked, 'missing', k.missing, 'calls', k.calls)) as counts,
      bool_or(k.missing <> 'gone') is true as lacks_calls
    from counted k
    group by 1, 2, 3
  ), unlisted as (
    select r.org_id, k.provider_account_id, (s.started_at at time zone r.time_zone)::date as day, count(*)::integer as calls
    from ranges r
    join public.calls k on k.org_id = r.org_id
      and coalesce(k.started_at, k.created_at) >= r.first_day::timestamp at time zone r.time_zone
      and coalesce(k.started_at, k.created_at) < (r.last_day + 1)::timestamp at time zone r.time_zone
    cross join lateral (select coalesce(k.started_at, k.created_at) as started_at) s
    where not exists (
      select from public.provider_calls p
      where p.provider_account_id = k.provider_account_id and p.provider_call_id = k.provider_call_id)
    group by 1, 2, 3
  )
  select r.org_id, r.time_zone, a.id, c.provider, c.compared_until, d.day, e.ends_at <= now(), s.is_compared,
    coalesce(c.compared_since <= e.starts_at, false) and e.ends_at <= now() and not s.is_compared,
    s.is_compared and e.ends_at <= now() and u.calls is null and k.lacks_calls is not true,
    coalesce(u.calls, 0), coalesce(k.counts, '[]')
  from ranges r
  cross join lateral (
    select g.provider_account_id as id from public.agents g where g.org_id = r.org_id and g.deleted_at is null
    union
    select o.id from public.provider_accounts o where o.org_id = r.org_id
    union
    select k.provider_account_id from known k where k.org_id = r.org_id) a
  left join public.reconciled_accounts c on c.provider_account_id = a.id and c.compared_until is not null
  cross join lateral (select r.first_day + n as day from generate_series(0, r.last_day - r.first_day) n) d
  cross join lateral (
    select d.day::timestamp at time zone r.time_zone as starts_at,
      (d.day + 1)::timestamp at time zone r.time_zone as ends_at) e
  cross join lateral (
    select coalesce(
      c.compared_since <= e.starts_at and e.ends_at <= c.compared_until
        and not c.unread && tstzrange(e.starts_at, e.ends_at), false) as is_compared) s
  left join known k on k.org_id = r.org_id and k.provider_account_id = a.id and k.day = d.day
  left join unlisted u on u.org_id = r.org_id and u.provider_account_id = a.id and u.day = d.day;
end;

grant usage on schema call_ledger to call_ledger_reader;
grant execute on function call_ledger.completeness_of_days(uuid, date, date, integer)
  to call_ledger_reader, call_ledger_operator, call_ledger_definer;

-- Returns the days of the last week that are over and not complete. Either the ledger has lacked calls of the provider's
-- since an hour after the end of the day (`days`, and their `calls`), or the comparison with the provider has not reached
-- the end of the day (`uncompared`): for an hour after it if the comparison fails, or for the longest time between two
-- comparisons if it does not run any more. A day with calls that could not be read from the provider's list is not
-- compared either. Whether a call is still missing is decided as in
-- completeness_of_days. An account that was not compared for eight days is no longer compared on
-- purpose. Rows are by account. Rows of the platform's accounts are by organization, without an account; days of theirs
-- that were not compared have no organization. A call whose agent belongs to no organization is not counted.
create or replace function call_ledger.incomplete_days(moment timestamptz)
returns table (account_id uuid, org_id uuid, days bigint, calls bigint, uncompared bigint)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  with bounds as (
    select moment - interval '1 hour' as over_before, moment - interval '26 hours' as compared_before,
      moment - interval '8 days' as since
  ), missing as (
    select c.org_id as owner_id, c.provider_account_id, p.org_id, d.day, count(*) as calls
    from bounds b
    cross join public.reconciled_accounts c
    join public.provider_calls p on p.provider_account_id = c.provider_account_id
      and p.missing is not null and p.missing <> 'gone' and p.created_at >= b.since and p.created_at < b.over_before
    join public.organizations o on o.id = p.org_id
    left join public.calls k
      on k.org_id = p.org_id and k.provider = c.provider and k.provider_call_id = p.provider_call_id
    cross join lateral (select (p.created_at at time zone o.time_zone)::date as day) d
    where (d.day + 1)::timestamp at time zone o.time_zone <= b.over_before
      and (k.id is null or (p.has_ended and k.awaits_report))
    group by 1, 2, 3, 4
  ), uncompared as (
    select c.org_id as owner_id, c.provider_account_id, c.org_id, d.day, 0::bigint as calls
    from bounds b
    cross join public.reconciled_accounts c
    left join public.organizations o on o.id = c.org_id
    cross join lateral (select coalesce(o.time_zone, 'UTC') as time_zone) z
    cross join lateral generate_series(1, 7) as g (days_ago)
    cross join lateral (select (moment at time zone z.time_zone)::date - g.days_ago as day) d
    cross join lateral (
      select d.day::timestamp at time zone z.time_zone as starts_at,
        (d.day + 1)::timestamp at time zone z.time_zone as ends_at) e
    where c.started_at > b.since
      and e.starts_at >= coalesce(c.compared_since, c.created_at)
      and e.ends_at <= b.over_before
      and (c.unread && tstzrange(e.starts_at, e.ends_at)
        or e.ends_at > coalesce(c.compared_until, '-infinity')
          and (e.ends_at <= b.compared_before or c.error is not null
            or c.started_at > coalesce(c.finished_at, '-infinity')))
  )
  select
    case when u.owner_id is not null or u.org_id is null then u.provider_account_id end as account_id,
    u.org_id, count(distinct u.day) filter (where u.calls > 0), sum(u.calls)::bigint,
    count(distinct u.day) filter (where u.calls = 0)
  from (select * from missing union all select * from uncompared) u
  group by 1, 2
$$;

grant execute on function call_ledger.incomplete_days to call_ledger_definer;

-- Returns the names of the housekeeping jobs that have had no success for three of their intervals, and do not run at the
-- moment.
create or replace function call_ledger.late_jobs() returns setof text
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select r.name from public.housekeeping_runs r
  where coalesce(r.succeeded_at, r.created_at) < now() - 3 * make_interval(secs => r.every_seconds)
    and (r.lease_token is null or r.next_run_at <= now())
  order by r.name
$$;

grant execute on function call_ledger.late_jobs to call_ledger_definer, call_ledger_operator;

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

-- Notes with which key of the provider's API a held comparison reads. Another key than before may read another
-- customer's calls at the provider, so nothing counts as compared, and calls that the provider did not have are requested
-- again. `digest` identifies the key. False: the run is no longer held.
create or replace function call_ledger.note_comparison_key(account_id uuid, held_token uuid, digest text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  before text;
begin
  select r.key_digest into before
  from public.reconciled_accounts r
  where r.provider_account_id = account_id and r.lease_token = held_token
  for no key update;
  if not found then return false; end if;
  update public.reconciled_accounts r set key_digest = digest where r.provider_account_id = account_id;
  if before <> digest then
    update public.reconciled_accounts r set compared_since = null, compared_until = null, unread = '{}'
    where r.provider_account_id = account_id;
    update public.provider_calls p set missing = 'not_booked', ask_at = now()
    where p.provider_account_id = account_id and p.missing = 'gone';
  end if;
  return true;
end
$$;

grant execute on function call_ledger.note_comparison_key(uuid, uuid, text) to call_ledger_worker;

-- Notes whether all calls of an account that changed between two times could be read from the provider's list. The times
-- of a held comparison are kept for 100 days, as long as its notes are.
create or replace function call_ledger.note_unread(
  account_id uuid, held_token uuid, since timestamptz, until timestamptz, is_unread boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.reconciled_accounts r set
    unread = case when is_unread
      then (r.unread + tstzmultirange(tstzrange(since, until))) * tstzmultirange(tstzrange(now() - interval '100 days', null))
      else r.unread - tstzmultirange(tstzrange(since, until)) end
  where r.provider_account_id = account_id and r.lease_token = held_token
    and (is_unread or r.unread && tstzrange(since, until));
end
$$;

grant execute on function call_ledger.note_unread(uuid, uuid, timestamptz, timestamptz, boolean) to call_ledger_worker;

-- Returns the calls of the last day that the provider has listed (`listed`), and those of them that the comparison with
-- the provider booked, because the ledger lacked the call, its end or its report (`calls`). Rows are by account. Rows of
-- the platform's accounts are by organization, without an account. Calls from before the first verified delivery of an
-- account are not counted: it was not connected yet. Without any delivery, it counts as connected a day after its first
-- comparison.
create or replace function call_ledger.repaired_calls(moment timestamptz)
returns table (account_id uuid, org_id uuid, calls bigint, listed bigint)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select case when c.org_id is not null then c.provider_account_id end as account_id, p.org_id,
    count(*) filter (where p.lacked in ('call', 'end', 'report') and p.missing is null), count(*)
  from public.reconciled_accounts c
  left join public.account_contacts t on t.provider_account_id = c.provider_account_id
  join public.provider_calls p on p.provider_account_id = c.provider_account_id
    and p.created_at > moment - interval '1 day' and p.created_at <= moment
    and p.created_at > coalesce(t.first_verified_at, c.created_at + interval '1 day')
  where p.org_id is not null
  group by 1, 2
  having count(*) filter (where p.lacked in ('call', 'end', 'report') and p.missing is null) > 0
$$;

grant execute on function call_ledger.repaired_calls to call_ledger_definer;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.account_completeness(integer) owner to call_ledger_definer;
alter function call_ledger.note_unread(uuid, uuid, timestamp with time zone, timestamp with time zone, boolean) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.account_completeness(integer)', 'call_ledger.note_unread(uuid, uuid, timestamp with time zone, timestamp with time zone, boolean)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings_in_turn(integer, boolean, integer, uuid, uuid[], integer)'::regprocedure)
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

update call_ledger.schema_state set version = 73;
