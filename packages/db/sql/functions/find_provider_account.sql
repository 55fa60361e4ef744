-- Returns the data against which deliveries of an organization's own account are verified. The secrets are encrypted,
-- as base64, newest first. Null for an account that does not exist, and for the platform's account, whose secret is in
-- the environment.
create or replace function call_ledger.find_provider_account(account_id uuid) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'provider', a.provider,
      'webhook_secrets', (
        select coalesce(jsonb_agg(encode(s.secret, 'base64') order by s.place), '[]')
        from unnest(a.webhook_secrets) with ordinality s (secret, place)),
      'verification', a.verification)
    from public.provider_accounts a
    where a.id = account_id and a.org_id is not null);
end
$$;
