-- What the ledger knows of an object with one of our keys:
--   linked   a recording of its call is stored under this path, or its waveform is
--   awaited  its upload job waits or is being worked on: an attempt may take it over
--   left     its upload job has ended without it
--   unknown  the ledger has the organization, but no such call or upload job
--   foreign  the ledger does not have the organization
create or replace function call_ledger.object_verdict(
  object_org_id uuid, object_call_id uuid, object_channel text, path text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  job_status text;
begin
  if exists (
    select from public.recording_upload_queue q
    where q.org_id = object_org_id and q.call_id = object_call_id and path in (q.storage_path, q.peaks_path)) then
    return 'linked';
  end if;
  select q.status into job_status from public.recording_upload_queue q
  where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel;
  return case
    when job_status in ('pending', 'fetching') then 'awaited'
    when job_status is not null then 'left'
    when exists (select from public.organizations o where o.id = object_org_id) then 'unknown'
    else 'foreign'
  end;
end
$$;

-- As store_recording_with_peaks, for workers of an earlier release, which compute no waveforms.
create or replace function call_ledger.store_recording(
  job_org_id uuid, job_id uuid, token uuid, path text, size bigint, digest bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return call_ledger.store_recording_with_peaks(job_org_id, job_id, token, path, size, digest, null, null);
end
$$;

-- Links a verified object, and that of its waveform, to its call: the job is stored, the summary names the path. Without
-- a waveform the error says in words why there is none. False: the lease was lost, or what lies under its key is being
-- removed; the job will be settled by a later attempt. Locks the call before the queue row, as the write path does.
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
    last_error = null, deadline = null, lease_until = null, lease_token = null, object_held_until = null,
    finished_at = now(), updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
    and (q.object_held_until is null or q.object_held_until <= clock_timestamp());
  if not found then return false; end if;

  perform call_ledger.summarize_calls(array[job_org_id], array[its_call]);
  return true;
end
$$;

grant execute on function call_ledger.store_recording_with_peaks to call_ledger_worker;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.store_recording_with_peaks(uuid, uuid, uuid, text, bigint, bytea, text, text) owner to call_ledger_definer;

revoke create on schema public, call_ledger from call_ledger_definer;

select call_ledger.revoke_from_strangers();

-- Logins that were created before inherit nothing from their roles. Who may book is the writer's, who may claim
-- recordings the worker's.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array['call_ledger.store_recording_with_peaks(uuid, uuid, uuid, text, bigint, bytea, text, text)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings(text[], integer, boolean, integer)'::regprocedure)
    ) as u (role, sign)
    join pg_catalog.pg_proc p on p.oid = u.sign
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee and r.rolcanlogin
    where has_function_privilege(u.role, f.signature, 'execute')
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;

update call_ledger.schema_state set version = 49;
