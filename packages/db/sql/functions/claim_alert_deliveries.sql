-- Claims due messages, at most `most`: the oldest one of each channel, so that the end of an alarm is never sent before
-- its start. While a message is held, next_attempt_at is the end of its lease. `settings` are encrypted, base64.
create or replace function call_ledger.claim_alert_deliveries(most integer, lease_seconds integer)
returns table (id uuid, lease_token uuid, attempts integer, created_at timestamptz, news jsonb,
  channel_id uuid, org_id uuid, kind text, settings text, lasts_seconds double precision)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with due as (
    select d.id from public.alert_deliveries d
    where d.status = 'pending' and d.next_attempt_at <= now()
      and not exists (
        select from public.alert_deliveries b
        where b.channel_id = d.channel_id and b.status = 'pending' and (b.created_at, b.id) < (d.created_at, d.id))
    order by d.next_attempt_at
    limit most
    for no key update skip locked
  ), claimed as (
    update public.alert_deliveries d set
      attempts = d.attempts + 1,
      lease_token = gen_random_uuid(),
      next_attempt_at = now() + make_interval(secs => lease_seconds)
    from due where d.id = due.id
    returning d.*
  )
  select c.id, c.lease_token, c.attempts, c.created_at, c.news, h.id, h.org_id, h.kind, encode(h.settings, 'base64'),
    extract(epoch from now() - c.created_at)::double precision
  from claimed c join public.alert_channels h on h.id = c.channel_id;
end
$$;

grant execute on function call_ledger.claim_alert_deliveries to call_ledger_worker;
