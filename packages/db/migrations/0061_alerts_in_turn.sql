-- Claims due messages, at most `most`: the oldest one of each channel, so that the end of an alarm is never sent before
-- its start. The operator's messages come first. An organization has at most two messages that are being sent, so that
-- its slow servers do not hold up the messages of others. While a message is held, next_attempt_at is the end of its
-- lease. `settings` are encrypted, base64.
create or replace function call_ledger.claim_alert_deliveries(most integer, lease_seconds integer)
returns table (id uuid, lease_token uuid, attempts integer, created_at timestamptz, news jsonb,
  channel_id uuid, org_id uuid, kind text, settings text, lasts_seconds double precision)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with first as (
    select d.id, h.org_id, d.next_attempt_at, d.next_attempt_at > now() and d.lease_token is not null as is_held
    from public.alert_deliveries d join public.alert_channels h on h.id = d.channel_id
    where d.status = 'pending'
      and not exists (
        select from public.alert_deliveries b
        where b.channel_id = d.channel_id and b.status = 'pending' and (b.created_at, b.id) < (d.created_at, d.id))
  ), ranked as (
    select f.id, f.org_id,
      row_number() over (partition by f.org_id order by f.is_held desc, f.next_attempt_at) as place
    from first f where f.is_held or f.next_attempt_at <= now()
  ), due as (
    select d.id from public.alert_deliveries d join ranked r on r.id = d.id
    where d.status = 'pending' and d.next_attempt_at <= now() and (r.org_id is null or r.place <= 2)
    order by r.org_id is not null, d.next_attempt_at
    limit most
    for no key update of d skip locked
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

update call_ledger.schema_state set version = 62;
