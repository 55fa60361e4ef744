-- What an account has of secrets, without showing one: {secrets, has_api_key}. Two webhook secrets hold during a rotation.
-- Null for an account that is not there.
create or replace function call_ledger.account_credentials(account_id uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'secrets', coalesce(cardinality(a.webhook_secrets), 0), 'has_api_key', a.api_key is not null)
    from public.provider_accounts a
    where a.id = account_id);
end
$$;

grant execute on function call_ledger.account_credentials to call_ledger_api_operator;
