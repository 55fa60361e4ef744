-- Deletes quarantined deliveries, at most `most`: those that were replayed before one time, and those that came before
-- another. Skips deliveries that are being booked. Returns their number.
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
