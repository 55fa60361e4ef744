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
