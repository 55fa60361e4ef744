-- Ends a housekeeping run with its result, or with the reason of its failure. A failed run is tried again within ten
-- minutes. False: the run is no longer held, and its new holder will settle it.
create or replace function call_ledger.settle_housekeeping(
  job text, held_token uuid, outcome jsonb, failure text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.housekeeping_runs r set
    lease_token = null,
    next_run_at = case
      when failure is null then greatest(r.started_at + make_interval(secs => r.every_seconds), now())
      else now() + make_interval(secs => least(r.every_seconds, 600)) end,
    finished_at = now(),
    succeeded_at = case when failure is null then now() else r.succeeded_at end,
    took_ms = least(extract(epoch from now() - r.started_at) * 1000, 2147483647)::integer,
    result = coalesce(outcome, r.result),
    error = left(failure, 200)
  where r.name = job and r.lease_token = held_token;
  return found;
end
$$;
