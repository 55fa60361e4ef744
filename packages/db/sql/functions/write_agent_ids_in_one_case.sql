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
