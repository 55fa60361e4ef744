-- Like store_recording_with_peaks, for workers of an earlier release, which compute no waveforms.
create or replace function call_ledger.store_recording(
  job_org_id uuid, job_id uuid, token uuid, path text, size bigint, digest bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return call_ledger.store_recording_with_peaks(job_org_id, job_id, token, path, size, digest, null, null);
end
$$;
