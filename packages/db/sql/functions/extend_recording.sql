-- Extends the lease of one upload job. False: it is no longer held, so the work on it has to stop. Takes one job in
-- each call, because a transaction that locks several queue rows has to lock their calls first.
create or replace function call_ledger.extend_recording(
  job_org_id uuid, job_id uuid, token uuid, lease_seconds integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.recording_upload_queue q set
    lease_until = now() + make_interval(secs => lease_seconds),
    next_attempt_at = now() + make_interval(secs => lease_seconds)
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  return found;
end
$$;

grant execute on function call_ledger.extend_recording to call_ledger_worker;
