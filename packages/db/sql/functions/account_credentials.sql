-- Returns which secrets an account has, without showing them: {secrets, has_api_key}. An account has two valid webhook
-- secrets during a rotation. Null if there is no such account.
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
