-- Creates a session from a one-time link, and returns its id and its owner, or `refusal`: `link_used`, `link_expired`,
-- or `not_found`, also if its member was removed. If several requests use one link at the same time, one of them gets a
-- session.
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
