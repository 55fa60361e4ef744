-- Returns those of the API keys and sessions that are no longer valid.
create or replace function call_ledger.lapsed_credentials(ids uuid[]) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select k.id from unnest(ids) as k (id)
  where not exists (select from public.api_keys a where a.id = k.id and a.revoked_at is null)
    and not exists (
      select from public.sessions s
      where s.id = k.id and s.revoked_at is null and s.expires_at > now()
        and (s.org_id is null or exists (
          select from public.members m where m.org_id = s.org_id and m.id = s.member_id and m.removed_at is null)));
$$;

grant execute on function call_ledger.lapsed_credentials to call_ledger_writer;
