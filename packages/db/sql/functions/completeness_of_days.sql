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
