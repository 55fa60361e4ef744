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
