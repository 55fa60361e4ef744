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
