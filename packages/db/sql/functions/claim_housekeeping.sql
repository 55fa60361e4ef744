-- Claims the first due job of the named housekeeping jobs, in the order of their names in the argument. No row: none is
-- due. While a run is held, next_run_at is the end of its lease, so that a killed worker's run is due again. By hand, a
-- job need not be due. A held run is never taken from its holder.
create or replace function call_ledger.claim_housekeeping(
  jobs text[], intervals integer[], lease_seconds integer, by_hand boolean)
returns table (name text, token uuid, progress jsonb)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  chosen text;
  its_interval integer;
begin
  insert into public.housekeeping_runs (name, every_seconds)
  select j.job, j.every
  from unnest(jobs, intervals) as j (job, every)
  where not exists (select from public.housekeeping_runs r where r.name = j.job)
  on conflict do nothing;

  select r.name, j.every into chosen, its_interval
  from unnest(jobs, intervals) with ordinality as j (job, every, place)
  join public.housekeeping_runs r on r.name = j.job
  -- Not now(): the row may be younger than this transaction, by whoever was waited for.
  where r.next_run_at <= clock_timestamp() or (by_hand and r.lease_token is null)
  order by j.place
  limit 1
  for no key update of r skip locked;
  if chosen is null then return; end if;

  return query
  update public.housekeeping_runs r set
    every_seconds = its_interval,
    lease_token = gen_random_uuid(),
    next_run_at = now() + make_interval(secs => lease_seconds),
    started_at = now()
  where r.name = chosen
  returning r.name, r.lease_token, r.progress;
end
$$;
