-- Returns for each account with an open alarm of its silence how many of its calls came with deliveries in the last two
-- hours, and how many began in the same two hours of earlier weeks (account_calls_usual). Counting stops at ten. Calls that only
-- the provider's list brought are not counted. A call in quarantine is.
create or replace function call_ledger.account_returns(moment timestamptz)
returns table (account_id uuid, org_id uuid, calls bigint, usual integer[])
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select a.id, a.org_id, (
    select count(*) from (
      select c.provider_call_id from public.calls c
      where c.provider_account_id = a.id and c.created_at > moment - interval '2 hours' and c.created_at <= moment
        and not exists (
          select from public.provider_calls p
          where p.provider_account_id = a.id and p.provider_call_id = c.provider_call_id and p.lacked = 'call')
      union
      select q.provider_call_id from public.quarantined_deliveries q
      where q.provider_account_id = a.id and q.replayed_at is null and q.provider_call_id is not null
        and q.received_at > moment - interval '2 hours' and q.received_at <= moment
      limit 10) k),
    call_ledger.account_calls_usual(a.id, a.org_id, moment - interval '2 hours', moment)
  from public.alarms o
  join public.provider_accounts a on o.scope = 'account:' || a.id
  where o.condition = 'no_deliveries' and o.closed_at is null
$$;

grant execute on function call_ledger.account_returns to call_ledger_definer;
