-- Stores the heartbeat of a worker and its counts. Forgets workers that have been silent for a day.
create or replace function call_ledger.beat(worker text, did jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if worker is null or worker not like 'worker:_%' then
    raise exception 'a worker''s name begins with worker:' using errcode = '22023';
  end if;
  insert into public.background_heartbeats as h (name, last_run_at, result)
  values (worker, clock_timestamp(), did)
  on conflict (name) do update set last_run_at = excluded.last_run_at, result = excluded.result;

  delete from public.background_heartbeats h
  where h.name like 'worker:%' and h.last_run_at < clock_timestamp() - interval '1 day';
end
$$;
