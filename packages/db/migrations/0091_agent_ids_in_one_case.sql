-- Writes an agent's ids in the form of a UUID in lower case, as deliveries are read, whoever registers the agent. The
-- SQL twin of inOneCase in packages/db/src/access/agents.query.ts.
create or replace function call_ledger.write_agent_ids_in_one_case() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  uuid constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
begin
  if new.provider_agent_id ~* uuid then
    new.provider_agent_id := lower(new.provider_agent_id);
  end if;
  if new.provider_phone_number_id ~* uuid then
    new.provider_phone_number_id := lower(new.provider_phone_number_id);
  end if;
  return new;
end
$$;

create trigger agents_ids_in_one_case
  before insert or update of provider_agent_id, provider_phone_number_id on agents
  for each row execute function call_ledger.write_agent_ids_in_one_case();

-- The trigger writes the ids. Of two live agents whose ids differ only in their case, none is changed.
update agents a set provider_agent_id = a.provider_agent_id, provider_phone_number_id = a.provider_phone_number_id
where (a.provider_agent_id ~ '[A-F]' or a.provider_phone_number_id ~ '[A-F]')
  and (a.deleted_at is not null or not exists (
    select from agents other
    where other.id <> a.id and other.deleted_at is null and other.provider_account_id = a.provider_account_id
      and (lower(other.provider_agent_id) = lower(a.provider_agent_id)
        or lower(other.provider_phone_number_id) = lower(a.provider_phone_number_id))));

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 92;
