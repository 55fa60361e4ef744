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
