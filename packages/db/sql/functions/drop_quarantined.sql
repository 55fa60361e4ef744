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
