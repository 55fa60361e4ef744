drop function call_ledger.calls_to_ask(uuid, integer);

drop function call_ledger.claim_reconciliation(uuid[], uuid, integer);

drop function call_ledger.incomplete_days(timestamp with time zone);

-- Returns calls of an account that have to be requested from its provider by their ids, at most `most`, newest first:
-- those whose end or report is overdue, and those whose agent has become known. A call that was requested before is
-- returned when it is due again. A call that the provider no longer has is never returned. `missing`: what the last
-- comparison found, or null.
create or replace function call_ledger.calls_to_ask(account_id uuid, most integer)
returns table (provider_call_id text, org_id uuid, created_at timestamptz, missing text, asks integer)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  select k.provider_call_id, k.org_id, k.created_at, k.missing, k.asks
  from (
    select c.provider_call_id, c.org_id, coalesce(p.created_at, c.created_at) as created_at, p.missing,
      coalesce(p.asks, 0) as asks
    from public.calls c
    left join public.provider_calls p
      on p.provider_account_id = c.provider_account_id and p.provider_call_id = c.provider_call_id
    where c.attention <> '{}' and c.attention && array['stuck', 'missing_report'] and c.provider_account_id = account_id
      and p.missing is distinct from 'gone'
      and (coalesce(p.asks, 0) = 0 or p.ask_at <= now())
    union
    select p.provider_call_id, g.org_id, p.created_at, p.missing, p.asks
    from public.provider_calls p
    cross join lateral (
      select g.org_id from public.agents g
      where g.provider_account_id = account_id and g.deleted_at is null
        and (g.provider_agent_id = p.provider_agent_id or g.provider_phone_number_id = p.provider_phone_number_id)
      order by g.provider_agent_id is distinct from p.provider_agent_id
      limit 1) g
    where p.provider_account_id = account_id and p.missing = 'unknown_agent'
      and (p.asks = 0 or p.ask_at <= now())) k
  order by k.created_at desc
  limit most;
end
$$;

grant execute on function call_ledger.calls_to_ask(uuid, integer) to call_ledger_worker;

-- Claims the account whose comparison with its provider has been due for the longest time. No row: none is due. It
-- considers accounts with a key of the provider's API, and the platform's accounts that are named. `chosen` claims one
-- account, due or not. While a run is held, next_run_at is the end of its lease. A held run is never taken from its
-- holder.
create or replace function call_ledger.claim_reconciliation(
  platform_accounts uuid[], chosen uuid, lease_seconds integer)
returns table (
  provider_account_id uuid, org_id uuid, provider text, token uuid, compared_until timestamptz, key_digest text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  due uuid;
begin
  insert into public.reconciled_accounts (provider_account_id, org_id, provider)
  select a.id, a.org_id, a.provider from public.provider_accounts a
  where (a.id = any (platform_accounts) or (a.org_id is not null and a.api_key is not null))
    and not exists (select from public.reconciled_accounts r where r.provider_account_id = a.id)
  on conflict do nothing;

  select r.provider_account_id into due
  from public.reconciled_accounts r
  join public.provider_accounts a on a.id = r.provider_account_id
  where (a.id = any (platform_accounts) or (a.org_id is not null and a.api_key is not null))
    and case when chosen is null then r.next_run_at <= clock_timestamp()
      else r.provider_account_id = chosen and (r.lease_token is null or r.next_run_at <= clock_timestamp()) end
  order by r.next_run_at
  limit 1
  for no key update of r skip locked;
  if due is null then return; end if;

  return query
  update public.reconciled_accounts r set
    lease_token = gen_random_uuid(),
    next_run_at = clock_timestamp() + make_interval(secs => lease_seconds),
    started_at = clock_timestamp()
  where r.provider_account_id = due
  returning r.provider_account_id, r.org_id, r.provider, r.lease_token, r.compared_until, r.key_digest;
end
$$;

grant execute on function call_ledger.claim_reconciliation(uuid[], uuid, integer) to call_ledger_worker;

-- compare_fetched_calls without a decision of a person. The release before it calls this function.
create or replace function call_ledger.compare_calls(account_id uuid, fetched jsonb)
returns table (
  org_id uuid, missing text, is_known boolean, phase text, report_version text, has text[],
  cost_usd numeric, started_at timestamptz, ended_at timestamptz, ended_reason text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return query select * from call_ledger.compare_fetched_calls(account_id, fetched, null);
end
$$;

grant execute on function call_ledger.compare_calls(uuid, jsonb) to call_ledger_worker;

-- Returns what the ledger knows of each of some calls of an account, by their place. fetched: a JSON array with the
-- provider's facts of each call. `missing` says why a call cannot be booked: no organization has its agent, or the call
-- may belong to another organization that has or had an agent or a number in it (may_book_named). A person decides that
-- with `decided_org_id`: calls of its agents are its calls. A call that came over another account of another
-- organization, or with an agent of one, is in the list because both accounts have keys of one customer of the provider.
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
  cross join lateral (
    select case when s.is_others then null else coalesce(r.org_id, a.org_id, g.org_id) end as org_id,
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

-- Returns whether the ledger has `wanted` calls or more of an account that it saw first between two times.
create or replace function call_ledger.has_calls_between(
  account_id uuid, since timestamptz, until timestamptz, wanted integer) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select count(*) = wanted from (
      select from public.calls c
      where c.provider_account_id = account_id and c.created_at >= since and c.created_at < until
      limit wanted) k);
end
$$;

grant execute on function call_ledger.has_calls_between(uuid, timestamptz, timestamptz, integer) to call_ledger_worker;

-- Returns the days of the last week that are over and not complete. Either the ledger has lacked calls of the provider's
-- since an hour after the end of the day (`days`, and their `calls`), or the comparison with the provider has not reached
-- the end of the day (`uncompared`): for an hour after it if the comparison fails, or for the longest time between two
-- comparisons if it does not run any more. Whether a call is still missing is decided as in
-- packages/db/src/read/completeness.query.ts. An account that was not compared for eight days is no longer compared on
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
    where c.started_at > b.since
      and d.day::timestamp at time zone z.time_zone >= coalesce(c.compared_since, c.created_at)
      and (d.day + 1)::timestamp at time zone z.time_zone <=
        case when c.error is not null or c.started_at > coalesce(c.finished_at, '-infinity')
          then b.over_before else b.compared_before end
      and (d.day + 1)::timestamp at time zone z.time_zone > coalesce(c.compared_until, '-infinity')
  )
  select
    case when u.owner_id is not null or u.org_id is null then u.provider_account_id end as account_id,
    u.org_id, count(distinct u.day) filter (where u.calls > 0), sum(u.calls)::bigint,
    count(distinct u.day) filter (where u.calls = 0)
  from (select * from missing union all select * from uncompared) u
  group by 1, 2
$$;

grant execute on function call_ledger.incomplete_days to call_ledger_definer;

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
    update public.reconciled_accounts r set compared_since = null, compared_until = null
    where r.provider_account_id = account_id;
    update public.provider_calls p set missing = 'not_booked', ask_at = now()
    where p.provider_account_id = account_id and p.missing = 'gone';
  end if;
  return true;
end
$$;

grant execute on function call_ledger.note_comparison_key(uuid, uuid, text) to call_ledger_worker;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.compare_fetched_calls(uuid, jsonb, uuid) owner to call_ledger_definer;
alter function call_ledger.has_calls_between(uuid, timestamp with time zone, timestamp with time zone, integer) owner to call_ledger_definer;
alter function call_ledger.note_comparison_key(uuid, uuid, text) owner to call_ledger_definer;
alter function call_ledger.calls_to_ask(uuid, integer) owner to call_ledger_definer;
alter function call_ledger.claim_reconciliation(uuid[], uuid, integer) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.compare_fetched_calls(uuid, jsonb, uuid)', 'call_ledger.has_calls_between(uuid, timestamp with time zone, timestamp with time zone, integer)', 'call_ledger.note_comparison_key(uuid, uuid, text)', 'call_ledger.calls_to_ask(uuid, integer)', 'call_ledger.claim_reconciliation(uuid[], uuid, integer)']) as f (signature)
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

update call_ledger.schema_state set version = 57;
