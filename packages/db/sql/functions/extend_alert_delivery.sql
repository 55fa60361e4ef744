-- Extends the lease of a message. False: it is no longer held.
create or replace function call_ledger.extend_alert_delivery(delivery_id uuid, token uuid, lease_seconds integer)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.alert_deliveries d set next_attempt_at = now() + make_interval(secs => lease_seconds)
  where d.id = delivery_id and d.lease_token = token and d.status = 'pending';
  return found;
end
$$;

grant execute on function call_ledger.extend_alert_delivery to call_ledger_worker;
