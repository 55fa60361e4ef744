-- What the deliveries of an organization's own account are verified against; the secrets are encrypted and come as
-- base64, the newest first. Null for accounts that are not there and for the platform's, whose secret the environment has.
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
