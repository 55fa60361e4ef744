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
