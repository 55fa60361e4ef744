-- Mutes an alarm until `until`, and the next one of the same kind and scope; null: unmutes it. With `of_org`, only an
-- alarm of that organization. False: there is no such alarm.
create or replace function call_ledger.mute_alarm(alarm_id uuid, of_org uuid, until timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  update public.alarms a set muted_until = until
  from public.alarms named
  where named.id = alarm_id and (own is null or named.org_id = own)
    and a.condition = named.condition and a.scope = named.scope
    and (a.id = named.id or a.closed_at is null or a.muted_until > now());
  return found;
end
$$;

grant execute on function call_ledger.mute_alarm to call_ledger_manager, call_ledger_api_operator;
