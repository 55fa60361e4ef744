-- Makes an upload due immediately that was given up or waits for a host, with all its attempts. False: it is neither.
create or replace function call_ledger.retry_recording(its_org uuid, job_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  its_call uuid;
begin
  select q.call_id into its_call from public.recording_upload_queue q where q.org_id = its_org and q.id = job_id;
  perform from public.calls c where c.org_id = its_org and c.id = its_call for no key update;
  update public.recording_upload_queue q set
    status = 'pending', attempts = 0, next_attempt_at = now(), finished_at = null, updated_at = now()
  where q.org_id = its_org and q.id = job_id
    and (q.status in ('failed', 'expired') or (q.status = 'pending' and q.waits_for_host is not null));
  if not found then return false; end if;
  perform call_ledger.note_call_changes(array[its_org], array[its_call]);
  return true;
end
$$;

grant execute on function call_ledger.retry_recording to call_ledger_writer;
