-- Returns the owner and the scopes of a session, or null if there is none, it has expired, it was revoked, or its
-- member was removed. Nothing is cached between two requests, so a revoked session stops working immediately. The use
-- is noted once a minute, by one of several simultaneous requests, and extends the session. `renewed` is then true, so
-- that the cookie is extended too.
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
