-- Keeps the deliveries of each provider account in quarantine below `most_bytes`. Deliveries that wait are kept first,
-- then those that wait for nothing, each newest first. Beyond the limit, it removes first deliveries that wait for
-- nothing, then the payloads of deliveries that can be booked without them, and if none is left, the oldest deliveries;
-- at most `most` of either in one run. Zeros: nothing is beyond the limit. The limit is a megabyte or more, so that
-- nobody can empty the quarantine.
create or replace function call_ledger.cap_quarantine(
  most_bytes bigint, most integer, out payloads_dropped integer, out deliveries_dropped integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  beyond uuid[];
  settled uuid[];
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
    array_agg(s.id order by s.received_at, s.id) filter (where s.settled),
    array_agg(s.id order by s.received_at, s.id) filter (where s.payload_bytes > 0 and s.translated)
    into beyond, settled, bookable
  from (
    select q.id, q.received_at, q.events is not null as translated, q.replayed_at is not null as settled,
      coalesce(pg_column_size(q.payload), 0) as payload_bytes,
      sum(coalesce(pg_column_size(q.payload), 0) + coalesce(pg_column_size(q.events), 0))
        over (
          partition by q.provider_account_id
          order by q.replayed_at is not null, q.received_at desc, q.id desc) as running_bytes
    from public.quarantined_deliveries q where q.replayed_at is null or q.payload is not null) s
  where s.running_bytes > most_bytes;

  beyond := coalesce(settled, beyond);
  if settled is null and bookable is not null then
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
