-- Returns for how long each account has had no accepted delivery, and how many calls began in the same span of each of
-- the six weeks before, newest week first. The span has the same times of the day in the organization's time zone, also
-- before a change of daylight-saving time. For the platform's account that is the zone of most of its agents. Counting
-- stops at ten. A week is left out if the account had no call before its span.
create or replace function call_ledger.account_silences(moment timestamptz)
returns table (account_id uuid, org_id uuid, seconds bigint, usual integer[])
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.org_id, floor(extract(epoch from moment - s.since))::bigint, array(
    select (
      select count(*) from (
        select from public.calls c
        where c.provider_account_id = a.id and c.created_at > p.since and c.created_at <= p.until
        limit 10) k)::integer
    from generate_series(1, 6) as w (week)
    cross join lateral (
      select (s.since at time zone z.time_zone - interval '7 days' * w.week) at time zone z.time_zone as since,
        (moment at time zone z.time_zone - interval '7 days' * w.week) at time zone z.time_zone as until) p
    where s.first_call < p.since
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
  cross join lateral (
    select coalesce((
      select o.time_zone from public.organizations o where o.id = a.org_id), (
      select o.time_zone from public.agents g join public.organizations o on o.id = g.org_id
      where g.provider_account_id = a.id and g.deleted_at is null
      group by o.time_zone order by count(*) desc, o.time_zone limit 1), 'UTC') as time_zone) z
  where s.first_call is not null and s.since < moment - interval '10 minutes'
$$;

grant execute on function call_ledger.account_silences to call_ledger_definer;

update call_ledger.schema_state set version = 53;
