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

-- Whose session this is and what it may do; null: there is none, it is over, it was revoked, or its member was removed.
-- Nothing is remembered between two calls, so that a revoked session stops at once. The use is noted once a minute, by
-- one of those who come at the same time, and moves the end on; `renewed` says so, for the cookie to follow.
create or replace function call_ledger.authenticate_session(hash bytea) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  found_session public.sessions;
  member public.members;
  is_renewed boolean := false;
begin
  select * into found_session from public.sessions s
  where s.token_hash = hash and s.revoked_at is null and s.expires_at > now();
  if not found then return null; end if;

  if found_session.org_id is not null then
    select * into member from public.members m
    where m.org_id = found_session.org_id and m.id = found_session.member_id and m.removed_at is null;
    if not found then return null; end if;
  end if;

  if found_session.last_used_at < now() - interval '1 minute'
     and not current_setting('transaction_read_only')::boolean then
    update public.sessions s set last_used_at = now(), expires_at = now() + interval '30 days'
    where s.id = (
      select u.id from public.sessions u
      where u.id = found_session.id and u.last_used_at = found_session.last_used_at
      for no key update skip locked);
    is_renewed := found;
  end if;

  return jsonb_build_object(
    'id', found_session.id, 'org_id', found_session.org_id, 'member_id', found_session.member_id,
    'name', member.name, 'email', member.email, 'role', member.role, 'renewed', is_renewed);
end
$$;

grant execute on function call_ledger.authenticate_session to call_ledger_writer;

-- Deletes what lets nobody in any more: replies kept for an Idempotency-Key for a day, links a day after their end, and
-- sessions 90 days after theirs; at most `most` of each. Returns how many.
create or replace function call_ledger.drop_expired_access(most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer;
  total integer := 0;
begin
  delete from public.idempotency_keys k
  where k.ctid = any (array(
    select d.ctid from public.idempotency_keys d where d.created_at < now() - interval '24 hours' limit most));
  get diagnostics dropped = row_count;
  total := total + dropped;

  delete from public.sign_in_links l
  where l.ctid = any (array(
    select d.ctid from public.sign_in_links d where d.expires_at < now() - interval '1 day' limit most));
  get diagnostics dropped = row_count;
  total := total + dropped;

  delete from public.sessions s
  where s.ctid = any (array(
    select d.ctid from public.sessions d
    where least(d.expires_at, d.revoked_at) < now() - interval '90 days' limit most));
  get diagnostics dropped = row_count;
  return total + dropped;
end
$$;

grant execute on function call_ledger.drop_expired_access to call_ledger_worker;

-- Notes when deliveries of accounts last verified or were last refused, and why; the first that verified stays.
-- contacts: a JSON array of {account_id, verified_at, refused_at, refusal}, of each account once; times may be null.
-- Accounts that are not there are left out. Rows are locked in one order.
create or replace function call_ledger.note_account_contacts(contacts jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.account_contacts as known (
    provider_account_id, first_verified_at, last_verified_at, last_refused_at, last_refusal)
  select a.id, n.verified_at, n.verified_at, n.refused_at, left(n.refusal, 200)
  from jsonb_to_recordset(contacts) as n (
    account_id uuid, verified_at timestamptz, refused_at timestamptz, refusal text)
  join public.provider_accounts a on a.id = n.account_id
  order by a.id
  on conflict (provider_account_id) do update set
    first_verified_at = least(known.first_verified_at, excluded.first_verified_at),
    last_verified_at = greatest(known.last_verified_at, excluded.last_verified_at),
    last_refused_at = greatest(known.last_refused_at, excluded.last_refused_at),
    last_refusal = case
      when excluded.last_refused_at >= coalesce(known.last_refused_at, '-infinity') then excluded.last_refusal
      else known.last_refusal end;
end
$$;

grant execute on function call_ledger.note_account_contacts to call_ledger_writer;

-- Gives an organization's account a second, sealed webhook secret, which holds beside the first; without one the newest
-- alone holds from now on. Returns `done`, `missing`: no organization has such an account, or `refused`: two hold
-- already, or one alone.
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

-- Makes a session of a one-time link and returns its id and whose it is, or `refusal`: `link_used`, `link_expired`, or
-- `not_found`, also if its member was removed. Of several who come with one link at the same time, one gets a session.
create or replace function call_ledger.use_sign_in_link(hash bytea, session_hash bytea, user_agent text) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  link public.sign_in_links;
  session_id uuid;
begin
  select * into link from public.sign_in_links l where l.token_hash = hash for no key update;
  if not found or (link.org_id is not null and not exists (
    select from public.members m where m.org_id = link.org_id and m.id = link.member_id and m.removed_at is null))
  then
    return jsonb_build_object('refusal', 'not_found');
  end if;
  if link.used_at is not null then return jsonb_build_object('refusal', 'link_used'); end if;
  if link.expires_at <= now() then return jsonb_build_object('refusal', 'link_expired'); end if;

  update public.sign_in_links l set used_at = now() where l.id = link.id;
  insert into public.sessions (token_hash, org_id, member_id, user_agent, expires_at)
  values (session_hash, link.org_id, link.member_id, left(user_agent, 500), now() + interval '30 days')
  returning id into session_id;
  return jsonb_build_object('id', session_id, 'org_id', link.org_id, 'member_id', link.member_id);
end
$$;

grant execute on function call_ledger.use_sign_in_link to call_ledger_writer;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.account_credentials(uuid) owner to call_ledger_definer;
alter function call_ledger.authenticate_session(bytea) owner to call_ledger_definer;
alter function call_ledger.drop_expired_access(integer) owner to call_ledger_definer;
alter function call_ledger.note_account_contacts(jsonb) owner to call_ledger_definer;
alter function call_ledger.rotate_account_secret(uuid, bytea) owner to call_ledger_definer;
alter function call_ledger.use_sign_in_link(bytea, bytea, text) owner to call_ledger_definer;

revoke create on schema public, call_ledger from call_ledger_definer;

select call_ledger.revoke_from_strangers();

-- Logins that were created before inherit nothing from their roles. Who may book is the writer's, who may claim
-- recordings the worker's.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array['call_ledger.account_credentials(uuid)', 'call_ledger.authenticate_session(bytea)', 'call_ledger.drop_expired_access(integer)', 'call_ledger.note_account_contacts(jsonb)', 'call_ledger.rotate_account_secret(uuid, bytea)', 'call_ledger.use_sign_in_link(bytea, bytea, text)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings(text[], integer, boolean, integer)'::regprocedure)
    ) as u (role, sign)
    join pg_catalog.pg_proc p on p.oid = u.sign
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee and r.rolcanlogin
    where has_function_privilege(u.role, f.signature, 'execute')
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;

update call_ledger.schema_state set version = 30;
