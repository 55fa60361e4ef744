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
