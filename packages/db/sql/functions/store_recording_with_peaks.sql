-- Links a verified object, and that of its waveform, to its call: the job is stored, and the summary has the path.
-- Without a waveform, the error says why there is none. The signed URL goes: it is long, and expires soon. False: the
-- lease was lost, or the object under its key is being removed; a later attempt will settle the job. Locks the call
-- before the queue row, as the write path does.
create or replace function call_ledger.store_recording_with_peaks(
  job_org_id uuid, job_id uuid, token uuid, path text, size bigint, digest bytea, waveform_path text, waveform_error text)
  returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  its_call uuid;
begin
  select q.call_id into its_call from public.recording_upload_queue q where q.org_id = job_org_id and q.id = job_id;
  perform from public.calls c where c.org_id = job_org_id and c.id = its_call for no key update;

  update public.recording_upload_queue q set
    status = 'stored', storage_path = path, size_bytes = size, sha256 = digest,
    peaks_path = waveform_path, peaks_error = waveform_error,
    source_url = null, last_error = null, deadline = null, lease_until = null, lease_token = null, object_held_until = null,
    finished_at = now(), updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
    and (q.object_held_until is null or q.object_held_until <= clock_timestamp());
  if not found then return false; end if;

  perform call_ledger.summarize_calls(array[job_org_id], array[its_call]);
  return true;
end
$$;

grant execute on function call_ledger.store_recording_with_peaks to call_ledger_worker;
