-- Books quarantined deliveries whose agent exists by now: at most `most` calls a time.
-- Level-triggered: it asks what waits, not what happened, so nothing is missed by a process that was down.
-- It takes no lock before record_deliveries does: that one finds the waiting rows again under the calls' routes.
create or replace function public.replay_waiting(most integer default 100) returns integer
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
as $$
declare
  document jsonb;
  payloads bytea[];
begin
  with found as (
    select distinct on (q.provider_account_id, q.provider_call_id) q.events -> 0 as event, q.payload
    from public.quarantined_deliveries q
    where q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
      and exists (
        select from public.agents a
        where a.provider_account_id = q.provider_account_id and a.deleted_at is null
          and (a.provider_agent_id = q.provider_agent_id
            or a.provider_phone_number_id = q.provider_phone_number_id
            or a.phone_number = q.our_number))
    order by q.provider_account_id, q.provider_call_id, q.received_at, q.id
    limit most
  ), placed as (
    select f.event, f.payload, (row_number() over ())::integer as place from found f
  )
  select jsonb_agg(
      p.event || jsonb_build_object('ord', p.place, 'delivery', p.place) order by p.place),
    array_agg(p.payload order by p.place)
    into document, payloads
  from placed p;

  if document is null then return 0; end if;
  return (
    select count(*) filter (where r.outcome <> 'quarantined')
    from public.record_deliveries(document, payloads) r);
end
$$;
