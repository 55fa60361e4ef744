-- Gives an organization's account a second, sealed webhook secret, which is valid beside the first. Without a new
-- secret, only the newest one stays valid. Returns `done`, `missing` (no organization has such an account) or `refused`
-- (two secrets are valid already, or only one).
create or replace function call_ledger.rotate_account_secret(account_id uuid, new_secret bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.provider_accounts a set
    webhook_secrets = case
      when new_secret is null then a.webhook_secrets[1:1] else array_prepend(new_secret, a.webhook_secrets) end,
    updated_at = now()
  where a.id = account_id and a.org_id is not null
    and (coalesce(cardinality(a.webhook_secrets), 0) < 2) = (new_secret is not null);
  if found then return 'done'; end if;
  if exists (select from public.provider_accounts a where a.id = account_id and a.org_id is not null) then
    return 'refused';
  end if;
  return 'missing';
end
$$;

grant execute on function call_ledger.rotate_account_secret to call_ledger_api_operator;
