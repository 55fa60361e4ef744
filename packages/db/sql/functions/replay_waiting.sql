-- Books quarantined deliveries whose agent has been registered, of at most `most` calls at a time, and returns their
-- number. It asks what waits, not what happened, so a process that was down misses nothing. It takes no lock before
-- record_deliveries does, and processes the calls in the order of their locks. That function finds the waiting rows
-- again under the calls' routes. A call that the database refuses is marked and left to a person. So are deliveries
-- that may belong to the last owner of a number or an assistant (may_book_named).
create or replace function public.replay_waiting(most integer default 100) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  waiting record;
  booked integer := 0;
begin
  update public.quarantined_deliveries q set reason = 'organization_conflict', detail = 'came before its agent'
  where q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
    and exists (
      select from call_ledger.agents_named(
        q.provider_account_id, q.provider_agent_id, q.provider_phone_number_id, q.our_number, q.also_named) a
      where a.deleted_at is null
        and not call_ledger.may_book_named(a.org_id, q.provider_account_id, q.provider_agent_id,
          q.provider_phone_number_id, q.our_number, q.also_named, q.received_at));

  for waiting in
    select distinct on (q.provider_account_id, q.provider_call_id)
      q.provider_account_id, q.provider_call_id, q.payload,
      q.events -> 0 || jsonb_build_object('ord', 1, 'delivery', 1) as event
    from public.quarantined_deliveries q
    where q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
      and exists (
        select from call_ledger.agents_named(
          q.provider_account_id, q.provider_agent_id, q.provider_phone_number_id, q.our_number, q.also_named) a
        where a.deleted_at is null)
    order by q.provider_account_id, q.provider_call_id, q.received_at, q.id
    limit most
  loop
    begin
      if exists (
        select from public.record_deliveries(jsonb_build_array(waiting.event), array[waiting.payload]) r
        where r.outcome <> 'quarantined') then
        booked := booked + 1;
      end if;
    exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
      update public.quarantined_deliveries q set reason = 'refused', detail = 'refused: ' || sqlstate
      where q.provider_account_id = waiting.provider_account_id and q.provider_call_id = waiting.provider_call_id
        and q.replayed_at is null and q.reason = 'unknown_agent';
    end;
  end loop;
  return booked;
end
$$;
