-- Returns the owner and the scopes of a key, or null if there is no such key or it was revoked. Nothing is cached
-- between two requests, so a revoked key stops working immediately. The use is noted once a minute, by one of several
-- simultaneous requests. While the database is read-only it is not noted, so that reading goes on.
create or replace function call_ledger.authenticate_key(hash bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_key public.api_keys;
begin
  select * into found_key from public.api_keys k where k.key_hash = hash and k.revoked_at is null;
  if not found then return null; end if;

  if (found_key.last_used_at is null or found_key.last_used_at < now() - interval '1 minute')
     and not current_setting('transaction_read_only')::boolean then
    update public.api_keys k set last_used_at = now()
    where k.id = (
      select u.id from public.api_keys u
      where u.id = found_key.id and u.last_used_at is not distinct from found_key.last_used_at
      for no key update skip locked);
  end if;

  return jsonb_build_object(
    'id', found_key.id, 'org_id', found_key.org_id, 'name', found_key.name, 'scopes', to_jsonb(found_key.scopes));
end
$$;
