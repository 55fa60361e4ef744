drop function call_ledger.account_completeness(integer);

-- Returns the last seven days that are over of each account and organization, for the operator: at most `most` accounts of
-- an organization. Those that lacked the most calls come first, then those with the most calls. A day is one of the
-- organization's calendar. `counts` are those of completeness_of_days. An account that was never compared has no row.
create or replace function call_ledger.account_days(most integer)
returns table (org_id uuid, account_id uuid, day date, is_compared boolean, counts jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select d.org_id, d.account_id, d.day, d.is_compared, d.counts
  from call_ledger.completeness_of_days(null, null, null, 8) d
  cross join lateral (
    select coalesce(sum((c ->> 'calls')::integer), 0) as calls,
      coalesce(sum((c ->> 'calls')::integer) filter (where c ->> 'missing' <> 'gone'), 0) as missing
    from jsonb_array_elements(d.counts) c) s
  where d.is_over and d.compared_until is not null
  window of_account as (partition by d.org_id, d.account_id)
  order by sum(s.missing) over of_account desc, sum(s.calls) over of_account desc, d.org_id, d.account_id, d.day
  limit most * 7;
end
$$;

grant execute on function call_ledger.account_days to call_ledger_writer;

-- Returns each call of the ledger that the provider has not listed. `started_at`: its start, or else the time at which it
-- was first seen. It is inlined like compared_calls.
create or replace function call_ledger.calls_not_listed()
returns table (org_id uuid, provider_account_id uuid, provider_call_id text, started_at timestamptz, call_id uuid)
language sql stable
begin atomic
  select k.org_id, k.provider_account_id, k.provider_call_id, coalesce(k.started_at, k.created_at), k.id
  from public.calls k
  where not exists (
    select from public.provider_calls p
    where p.provider_account_id = k.provider_account_id and p.provider_call_id = k.provider_call_id);
end;

grant execute on function call_ledger.calls_not_listed() to call_ledger_reader, call_ledger_operator, call_ledger_definer;

-- Returns each call that the provider has listed, with the ledger's call (`call_id`) if there is one. `lacked`: the part
-- that the ledger lacked. `missing`: why the ledger lacks the call. A call is missing if `calls` has no row of it, or none
-- with the report of a call that has ended, whatever the last comparison noted: it may have been booked since. The
-- function runs with the rights of the caller. It has one statement and no settings, so that Postgres inlines it.
create or replace function call_ledger.compared_calls()
returns table (
  org_id uuid, provider_account_id uuid, provider_call_id text, created_at timestamptz, call_id uuid, lacked text,
  missing text)
language sql stable
begin atomic
  select p.org_id, p.provider_account_id, p.provider_call_id, p.created_at, k.id, p.lacked,
    case when k.id is null or (p.has_ended and k.awaits_report) then coalesce(p.missing, 'not_booked') end
  from public.provider_calls p
  join public.reconciled_accounts c on c.provider_account_id = p.provider_account_id
  left join public.calls k
    on k.org_id = p.org_id and k.provider = c.provider and k.provider_call_id = p.provider_call_id;
end;

grant execute on function call_ledger.compared_calls() to call_ledger_reader, call_ledger_operator, call_ledger_definer;

-- Returns the completeness of each day of an organization's calendar, by account; of all organizations that the caller
-- may see if `of_org` is null. The days are `first_day` to `last_day`, both included; null: the last `days` until today.
-- `counts`: the calls that the provider has listed, by the part that the ledger lacked and by the reason why it lacks the
-- call (compared_calls). `unlisted`: calls of the ledger that the provider has not listed (calls_not_listed).
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
    select r.org_id, p.provider_account_id, (p.created_at at time zone r.time_zone)::date as day, p.lacked, p.missing,
      count(*)::integer as calls
    from ranges r
    join call_ledger.compared_calls() p on p.org_id = r.org_id
      -- A bound for the index. A day begins at most 14 hours earlier than in UTC.
      and p.created_at >= (select min(f.first_day)::timestamp at time zone 'UTC' - interval '1 day' from ranges f)
      and p.created_at >= r.first_day::timestamp at time zone r.time_zone
      and p.created_at < (r.last_day + 1)::timestamp at time zone r.time_zone
    group by 1, 2, 3, 4, 5
  ), known as (
    select k.org_id, k.provider_account_id, k.day,
      jsonb_agg(jsonb_build_object('lacked', k.lacked, 'missing', k.missing, 'calls', k.calls)) as counts,
      bool_or(k.missing <> 'gone') is true as lacks_calls
    from counted k
    group by 1, 2, 3
  ), unlisted as (
    select r.org_id, k.provider_account_id, (k.started_at at time zone r.time_zone)::date as day, count(*)::integer as calls
    from ranges r
    join call_ledger.calls_not_listed() k on k.org_id = r.org_id
      and k.started_at >= r.first_day::timestamp at time zone r.time_zone
      and k.started_at < (r.last_day + 1)::timestamp at time zone r.time_zone
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

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.account_days(integer) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.account_days(integer)']) as f (signature)
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

update call_ledger.schema_state set version = 75;
