-- Queues a test message for one channel, or for all; for channels of the organization if one is named. Returns the ids
-- of the messages. Messages that wait for their next attempt come before a test, so they are due now too.
create or replace function call_ledger.queue_test_alert(wanted_channel uuid, of_org uuid) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  perform call_ledger.hurry_alert_deliveries(wanted_channel, of_org);
  return query
  insert into public.alert_deliveries (channel_id, news)
  select c.id, '[]' from public.alert_channels c
  where (wanted_channel is null or c.id = wanted_channel) and (own is null or c.org_id = own)
  returning id;
end
$$;

grant execute on function call_ledger.queue_test_alert to call_ledger_manager, call_ledger_api_operator;
