-- An organization's agents are registered under its own account or, by the operator, under the platform's.
create or replace function call_ledger.check_agent_account() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from public.provider_accounts a
    where a.id = new.provider_account_id and a.org_id is not null and a.org_id <> new.org_id
  ) then
    raise exception 'the provider account belongs to another organization'
      using errcode = '23514', constraint = 'agents_account_of_own_organization';
  end if;
  return new;
end
$$;
