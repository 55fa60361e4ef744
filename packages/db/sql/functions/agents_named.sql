-- Returns the agents of an account that a delivery names, with removed agents, and the rank of each name: first the
-- provider's agent ids, then its ids of our own numbers, then those numbers. Of each kind the single argument comes
-- first, then the list in `also_named`. `also_named`: {agent_ids, phone_number_ids, our_numbers}, each a list of texts,
-- or null. The function has one statement and no settings, so that Postgres inlines it into the calling statement.
create or replace function call_ledger.agents_named(
  account_id uuid, agent_id text, phone_number_id text, our_number text, also_named jsonb)
returns table (
  rank integer, by_id boolean, id uuid, org_id uuid, provider_agent_id text, created_at timestamptz, deleted_at timestamptz)
language sql stable
begin atomic
  select n.place::integer, true, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from unnest(agent_id || array(select jsonb_array_elements_text(also_named -> 'agent_ids')))
    with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.provider_agent_id = n.name
  union all
  select 1000 + n.place::integer, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from unnest(phone_number_id || array(select jsonb_array_elements_text(also_named -> 'phone_number_ids')))
    with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.provider_phone_number_id = n.name
  union all
  select 2000 + n.place::integer, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from unnest(our_number || array(select jsonb_array_elements_text(also_named -> 'our_numbers')))
    with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.phone_number = n.name;
end;

grant execute on function call_ledger.agents_named(uuid, text, text, text, jsonb) to call_ledger_definer;
