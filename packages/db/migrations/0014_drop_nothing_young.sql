-- Keeps the waiting deliveries of each provider account below `most_bytes`, the newest first: of what is beyond, the
-- payloads of deliveries that can be booked without go first, and where none is left, the oldest deliveries; at most
-- `most` of either a call. Zeros: nothing is beyond. A share is a megabyte or more, so that nobody can empty the quarantine.
create or replace function call_ledger.cap_quarantine(
  most_bytes bigint, most integer, out payloads_dropped integer, out deliveries_dropped integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  beyond uuid[];
  bookable uuid[];
begin
  if most_bytes < 1000000 then
    raise exception 'an account may keep a megabyte in quarantine' using errcode = '22023';
  end if;
  payloads_dropped := 0;
  deliveries_dropped := 0;
  -- The table as a whole is known at once; adding up its rows takes a scan.
  if pg_total_relation_size('public.quarantined_deliveries') <= most_bytes then return; end if;

  select array_agg(s.id order by s.received_at, s.id),
    array_agg(s.id order by s.received_at, s.id) filter (where s.payload_bytes > 0 and s.translated)
    into beyond, bookable
  from (
    select q.id, q.received_at, q.events is not null as translated,
      coalesce(pg_column_size(q.payload), 0) as payload_bytes,
      sum(coalesce(pg_column_size(q.payload), 0) + coalesce(pg_column_size(q.events), 0))
        over (partition by q.provider_account_id order by q.received_at desc, q.id desc) as running_bytes
    from public.quarantined_deliveries q where q.replayed_at is null) s
  where s.running_bytes > most_bytes;

  if bookable is not null then
    update public.quarantined_deliveries d set payload = null
    where d.id = any (array(
      select q.id from public.quarantined_deliveries q where q.id = any (bookable[1:most])
      for no key update skip locked));
    get diagnostics payloads_dropped = row_count;
  elsif beyond is not null then
    delete from public.quarantined_deliveries d
    where d.id = any (array(
      select q.id from public.quarantined_deliveries q where q.id = any (beyond[1:most])
      for update skip locked));
    get diagnostics deliveries_dropped = row_count;
  end if;
end
$$;

-- Refuses to drop what is younger than a day, whoever asks: no setting keeps less, and a login that was taken over may not
-- drop more. An hour is left for clocks that differ.
create or replace function call_ledger.check_retention(before timestamptz) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  if before > now() - interval '23 hours' then
    raise exception 'what is younger than a day is kept' using errcode = '22023';
  end if;
end
$$;

grant execute on function call_ledger.check_retention(timestamptz) to call_ledger_definer;

-- Deletes the next events that were booked after `after` and before `before`, about `most` of them; `reached` as in
-- drop_payloads. What they said stays in the calls' layers. An event that comes again afterwards is booked again,
-- which changes nothing, because the layers are joins and the call's route is kept.
create or replace function call_ledger.drop_events(
  after timestamptz, before timestamptz, most integer, out dropped integer, out reached timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set lock_timeout = '500ms'
as $$
begin
  perform call_ledger.check_retention(before);
  reached := coalesce((
    select e.created_at from public.processed_webhook_events e
    where e.created_at > after and e.created_at < before
    order by e.created_at
    offset most - 1 limit 1), before);

  delete from public.processed_webhook_events e
  where e.ctid = any (array(
    select d.ctid from public.processed_webhook_events d
    where d.created_at > after and d.created_at <= reached and d.created_at < before
    order by d.created_at
    limit 2 * most));
  get diagnostics dropped = row_count;
  if dropped = 2 * most then reached := after; end if;
end
$$;

-- Empties the payloads of the next events that were booked after `after` and before `before`, about `most` of them.
-- `reached`: everything up to then is done; it equals `before` when all is. Events of one transaction share their
-- created_at and are taken together; where they are too many, `reached` stays and the next call goes on among them.
create or replace function call_ledger.drop_payloads(
  after timestamptz, before timestamptz, most integer, out dropped integer, out reached timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set lock_timeout = '500ms'
as $$
begin
  perform call_ledger.check_retention(before);
  reached := coalesce((
    select e.created_at from public.processed_webhook_events e
    where e.created_at > after and e.created_at < before
    order by e.created_at
    offset most - 1 limit 1), before);

  update public.processed_webhook_events e set payload = null
  where e.ctid = any (array(
    select d.ctid from public.processed_webhook_events d
    where d.created_at > after and d.created_at <= reached and d.created_at < before and d.payload is not null
    order by d.created_at
    limit 2 * most));
  get diagnostics dropped = row_count;
  if dropped = 2 * most then reached := after; end if;
end
$$;

-- Deletes quarantined deliveries: those that were replayed before one time, those that came before another; at most
-- `most`. Leaves out what somebody is booking at the moment. Returns how many.
create or replace function call_ledger.drop_quarantined(
  replayed_before timestamptz, received_before timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer;
begin
  perform call_ledger.check_retention(greatest(replayed_before, received_before));
  delete from public.quarantined_deliveries d
  where d.id = any (array(
    select q.id from public.quarantined_deliveries q
    where q.replayed_at < replayed_before or q.received_at < received_before
    limit most
    for update skip locked));
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 15;
