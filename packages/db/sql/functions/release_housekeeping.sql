-- Gives a housekeeping run back, so that it is due immediately for another process. False: it was no longer held.
create or replace function call_ledger.release_housekeeping(job text, held_token uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.housekeeping_runs r set lease_token = null, next_run_at = now()
  where r.name = job and r.lease_token = held_token;
  return found;
end
$$;
