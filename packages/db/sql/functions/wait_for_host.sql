-- Books that a recording may not be fetched from a host yet. The job is pending, the attempt does not count, and it is
-- tried again at retry_at, or when wake_waiting_recordings makes it due. False: the lease was lost.
create or replace function call_ledger.wait_for_host(
  job_org_id uuid, job_id uuid, token uuid, host text, reason text, retry_at timestamptz, last_chance timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  its_call uuid;
begin
  if host is null or retry_at is null then
    raise exception 'give the host and retry_at' using errcode = '22023';
  end if;
  update public.recording_upload_queue q set
    status = 'pending',
    attempts = q.attempts - 1,
    waits_for_host = host,
    last_error = left(reason, 500),
    next_attempt_at = retry_at,
    deadline = last_chance,
    lease_until = null,
    lease_token = null,
    updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
  returning q.call_id into its_call;
  if not found then return false; end if;
  perform call_ledger.note_call_changes(array[job_org_id], array[its_call]);
  return true;
end
$$;

grant execute on function call_ledger.wait_for_host to call_ledger_worker;
