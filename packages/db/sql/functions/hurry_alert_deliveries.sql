-- Makes the messages that wait for their next attempt due now: those of one channel, or of all; of channels of the
-- organization if one is named. Returns their number.
create or replace function call_ledger.hurry_alert_deliveries(wanted_channel uuid, of_org uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
  hurried integer;
begin
  update public.alert_deliveries d set next_attempt_at = now()
  from public.alert_channels c
  where c.id = d.channel_id and (wanted_channel is null or c.id = wanted_channel) and (own is null or c.org_id = own)
    and d.status = 'pending' and d.lease_token is null and d.next_attempt_at > now();
  get diagnostics hurried = row_count;
  return hurried;
end
$$;

grant execute on function call_ledger.hurry_alert_deliveries to call_ledger_manager, call_ledger_api_operator;
