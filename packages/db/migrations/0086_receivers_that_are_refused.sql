-- Ends an attempt: sent, failed for good, or pending and tried again in `retry_seconds`, with the reason in our words.
-- An interrupted attempt is pending without a reason. A sent message with a reason did not reach every receiver. False:
-- the message is no longer held.
create or replace function call_ledger.settle_alert_delivery(
  delivery_id uuid, token uuid, verdict text, reason text, retry_seconds integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  its_channel uuid;
begin
  if verdict is null or verdict not in ('sent', 'failed', 'pending') then
    raise exception 'verdict has to be sent, failed or pending' using errcode = '22023';
  end if;
  update public.alert_deliveries d set
    status = verdict,
    last_error = case when verdict = 'sent' then left(reason, 500) else coalesce(left(reason, 500), d.last_error) end,
    next_attempt_at = now() + make_interval(secs => coalesce(retry_seconds, 0)),
    lease_token = null,
    finished_at = case when verdict <> 'pending' then now() end
  where d.id = delivery_id and d.lease_token = token and d.status = 'pending'
  returning d.channel_id into its_channel;
  if not found then return false; end if;

  if verdict = 'sent' then
    update public.alert_channels c set last_sent_at = now(), failing_since = null, last_error = left(reason, 500)
    where c.id = its_channel;
  elsif reason is not null then
    update public.alert_channels c set
      failing_since = coalesce(c.failing_since, now()), last_error = left(reason, 500)
    where c.id = its_channel;
  end if;
  return true;
end
$$;

grant execute on function call_ledger.settle_alert_delivery to call_ledger_worker;

update call_ledger.schema_state set version = 87;
