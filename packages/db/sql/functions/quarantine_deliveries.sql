-- Stores verified deliveries that could not be booked: the translated events, so that SQL can book them later, and the
-- payload. Equal content is stored once. A delivery that is about no call does not wait: it is stored as replayed.
-- `reasons` is indexed by the events' place in the batch, null for booked ones.
create or replace function call_ledger.quarantine_deliveries(
  batch call_ledger.incoming_event[], reasons text[], document jsonb, payloads bytea[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.quarantined_deliveries (
    provider, provider_account_id, reason, detail, event_type, provider_call_id,
    provider_agent_id, provider_phone_number_id, our_number, also_named, content_key, events, payload, received_at, replayed_at)
  select distinct on (first.account_id, first.content_key)
    first.provider, first.account_id, reasons[first.ord], first.detail, first.event_type, first.provider_call_id,
    first.provider_agent_id, first.provider_phone_number_id, first.our_number, first.also_named, first.content_key,
    said.events, payloads[first.delivery], first.received_at,
    case when not first.waits then now() end
  from unnest(batch) first
  cross join lateral (
    -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
    select json_agg(document -> (e.ord - 1) order by e.ord) filter (where e.event_id is not null)::jsonb as events
    from unnest(batch) e
    where e.delivery = first.delivery) said
  where first.leads and reasons[first.ord] is not null
  order by first.account_id, first.content_key, first.ord
  on conflict (provider_account_id, content_key) do nothing;
end
$$;
