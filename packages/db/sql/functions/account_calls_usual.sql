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
