-- Returns the names of the housekeeping jobs that have had no success for three of their intervals, and do not run at the
-- moment.
create or replace function call_ledger.late_jobs() returns setof text
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select r.name from public.housekeeping_runs r
  where coalesce(r.succeeded_at, r.created_at) < now() - 3 * make_interval(secs => r.every_seconds)
    and (r.lease_token is null or r.next_run_at <= now())
  order by r.name
$$;

grant execute on function call_ledger.late_jobs to call_ledger_definer, call_ledger_operator, call_ledger_api_operator;
