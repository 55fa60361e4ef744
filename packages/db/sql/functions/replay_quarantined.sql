-- Books the translated events that are stored with a quarantined delivery, and notes that it is booked. If the call is
-- not booked yet, the organization that has the agent now gets it: a person has decided that. The payload then moves to
-- the event, so it is not stored twice. Returns {outcome, reason}, those of an event that still waits
-- first. Null: there is no such delivery, or it could not be translated when it came.
create or replace function call_ledger.replay_quarantined(delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  result jsonb;
begin
  select jsonb_build_object('outcome', r.outcome, 'reason', r.reason) into result
  from public.quarantined_deliveries q
  left join lateral (
    select a.org_id
    from call_ledger.agents_named(
      q.provider_account_id, q.provider_agent_id, q.provider_phone_number_id, q.our_number, q.also_named) a
    where a.deleted_at is null and not exists (
      select from public.call_routes r
      where r.provider_account_id = q.provider_account_id and r.provider_call_id = q.provider_call_id
        and r.org_id is not null)
    order by a.rank limit 1) n on true
  cross join lateral public.record_deliveries((
      -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
      select json_agg(e.value || jsonb_build_object('ord', e.ordinality, 'delivery', 1, 'org_id', n.org_id)
        order by e.ordinality)::jsonb
      from jsonb_array_elements(q.events) with ordinality e), array[q.payload]) r
  where q.id = delivery_id and q.events is not null
  order by r.outcome = 'quarantined' desc, r.ord limit 1;

  if result ->> 'outcome' <> 'quarantined' then
    update public.quarantined_deliveries q set replayed_at = now(), payload = null
    where q.id = delivery_id and q.replayed_at is null;
  end if;
  return result;
end
$$;

grant execute on function call_ledger.replay_quarantined to call_ledger_api_operator;
