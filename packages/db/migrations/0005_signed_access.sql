ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_scopes_known" CHECK ("api_keys"."scopes" <@ array['calls:read', 'recordings:read', 'agents:read', 'agents:write']);--> statement-breakpoint
ALTER TABLE "provider_accounts" ADD CONSTRAINT "provider_accounts_two_secrets_at_most" CHECK (cardinality("provider_accounts"."webhook_secrets") <= 2);--> statement-breakpoint
-- Whose key this is and what it may do, null when there is no such key or it was revoked. Nothing is remembered between
-- two calls, so that a revoked key stops at once. The use is noted once a minute, by one of those who come at the same
-- time, and not at all while the database is read-only: reading goes on.
create or replace function call_ledger.authenticate_key(hash bytea) returns jsonb
language plpgsql volatile security definer set search_path = ''
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

  return jsonb_build_object('id', found_key.id, 'org_id', found_key.org_id, 'scopes', to_jsonb(found_key.scopes));
end
$$;

-- What the deliveries of an organization's own account are verified against; the secrets are encrypted and come as
-- base64, the newest first. Null for accounts that are not there and for the platform's, whose secret the environment has.
create or replace function call_ledger.find_provider_account(account_id uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
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

-- The encrypted key of an organization's own account at the provider's API, null where it has none.
-- For the worker: who receives deliveries need not have it.
create or replace function call_ledger.find_account_api_key(account_id uuid, account_org_id uuid) returns bytea
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select a.api_key from public.provider_accounts a where a.id = account_id and a.org_id = account_org_id);
end
$$;

-- How many upload jobs are in each state. What is stored is what is left of all: a count of an index, which grows.
create or replace function call_ledger.recording_states() returns jsonb
language plpgsql stable security definer
set search_path = ''
set enable_seqscan = off
as $$
declare
  others jsonb := call_ledger.recording_counts() - array['due', 'stale'];
begin
  return others || jsonb_build_object('stored', (
    (select count(*) from public.recording_upload_queue)
    - (select sum(o.value::bigint) from jsonb_each_text(others) o)));
end
$$;

-- All of them run as the definer. What answers requests asks for keys, accounts and counts; the worker for API keys.
do $$
declare
  fn regprocedure;
  reached regprocedure[] := array[
    'call_ledger.authenticate_key(bytea)',
    'call_ledger.find_provider_account(uuid)',
    'call_ledger.recording_states()'];
  login name;
begin
  grant create on schema call_ledger to call_ledger_definer;
  foreach fn in array reached || 'call_ledger.find_account_api_key(uuid, uuid)'::regprocedure loop
    execute format('alter function %s owner to call_ledger_definer', fn);
    execute format('revoke all on function %s from public', fn);
  end loop;
  revoke create on schema call_ledger from call_ledger_definer;

  grant execute on function call_ledger.find_account_api_key(uuid, uuid) to call_ledger_worker;
  foreach fn in array reached loop
    execute format('grant execute on function %s to call_ledger_writer', fn);
    -- Logins that were made before inherit nothing: whoever may book by a grant of its own gets these too.
    for login in
      select r.rolname
      from pg_catalog.pg_proc p
      cross join lateral aclexplode(p.proacl) g
      join pg_catalog.pg_roles r on r.oid = g.grantee
      where p.oid = 'public.record_deliveries(jsonb, bytea[])'::regprocedure and r.rolcanlogin
    loop
      execute format('grant execute on function %s to %I', fn, login);
    end loop;
  end loop;
end
$$;

grant select, update (last_used_at) on table api_keys to call_ledger_definer;

-- An owner whose URL the application was given has to be able to read as the reader. Where another role owns the roles
-- of this cluster that is an administrator's to grant; the application's own login does not need it.
do $$
begin
  if not pg_has_role(current_user, 'call_ledger_reader', 'usage') then
    grant call_ledger_reader to current_user;
  end if;
exception
  when insufficient_privilege or unique_violation or internal_error then
    raise notice 'call_ledger_reader could not be granted to %', current_user;
end
$$;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 6;
