-- Returns the encrypted key of an organization's own account at the provider's API, or null. Only the worker may
-- execute it: receiving deliveries does not need the key.
create or replace function call_ledger.find_account_api_key(account_id uuid, account_org_id uuid) returns bytea
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (select a.api_key from public.provider_accounts a where a.id = account_id and a.org_id = account_org_id);
end
$$;
