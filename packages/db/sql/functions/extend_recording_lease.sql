-- The name of extend_recording in the previous release, which runs on this schema during a roll-out.
create or replace function call_ledger.extend_recording_lease(
  job_org_id uuid, job_id uuid, token uuid, lease_seconds integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return call_ledger.extend_recording(job_org_id, job_id, token, lease_seconds);
end
$$;
