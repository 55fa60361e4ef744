-- Notes that a person looks after an alarm, so that it is not repeated. With `of_org`, only an alarm of that
-- organization. The first person stays noted. False: there is no such open alarm.
create or replace function call_ledger.acknowledge_alarm(alarm_id uuid, of_org uuid, by_whom text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  update public.alarms a set
    acknowledged_by = coalesce(a.acknowledged_by, left(by_whom, 200)),
    acknowledged_at = coalesce(a.acknowledged_at, now())
  where a.id = alarm_id and a.closed_at is null and (own is null or a.org_id = own);
  return found;
end
$$;

grant execute on function call_ledger.acknowledge_alarm to call_ledger_manager, call_ledger_api_operator;
