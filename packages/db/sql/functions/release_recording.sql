-- Gives the lease of one upload job back, as if it had never been claimed. False: it was no longer held.
create or replace function call_ledger.release_recording(job_org_id uuid, job_id uuid, token uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.recording_upload_queue q set
    status = 'pending', attempts = q.attempts - 1, next_attempt_at = now(),
    lease_until = null, lease_token = null, started_at = null, updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  return found;
end
$$;
