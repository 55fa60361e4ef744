-- Returns whether every event of a document (as for record_deliveries) is booked already and brings nothing new. Only
-- reads.
create or replace function call_ledger.are_booked(document jsonb) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
  return (
    select cardinality(call_ledger.already_booked(array_agg(e order by e.ord))) = count(*)
    from jsonb_populate_recordset(null::call_ledger.incoming_event, document) e);
end
$$;
