-- Books the failure of an attempt: pending (tried again at retry_at), failed or expired (given up), with the reason and
-- the deadline for a person. False: the lease was lost, and another process will settle the job.
create or replace function call_ledger.settle_recording(
  job_org_id uuid, job_id uuid, token uuid, verdict text, reason text, retry_at timestamptz, last_chance timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  its_call uuid;
begin
  if verdict is null or verdict not in ('pending', 'failed', 'expired') then
    raise exception 'verdict has to be pending, failed or expired' using errcode = '22023';
  end if;
  if (verdict = 'pending') <> (retry_at is not null) then
    raise exception 'retry_at goes with pending, and only with it' using errcode = '22023';
  end if;
  update public.recording_upload_queue q set
    status = verdict,
    last_error = left(reason, 500),
    next_attempt_at = coalesce(retry_at, q.next_attempt_at),
    deadline = last_chance,
    lease_until = null,
    lease_token = null,
    finished_at = case when verdict <> 'pending' then now() end,
    updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
  returning q.call_id into its_call;
  if not found then return false; end if;
  perform call_ledger.note_call_changes(array[job_org_id], array[its_call]);
  return true;
end
$$;
