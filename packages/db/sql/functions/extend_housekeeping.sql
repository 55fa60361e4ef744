-- Extends the lease of a housekeeping run and stores its progress. False: the run is no longer held and has to end.
create or replace function call_ledger.extend_housekeeping(
  job text, held_token uuid, lease_seconds integer, come_to jsonb) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.housekeeping_runs r set
    next_run_at = now() + make_interval(secs => lease_seconds),
    progress = coalesce(come_to, r.progress)
  where r.name = job and r.lease_token = held_token;
  return found;
end
$$;
