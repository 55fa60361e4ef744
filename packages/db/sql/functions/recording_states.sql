-- Returns the number of upload jobs in each state. The stored ones are computed as the rest of all jobs, which are
-- counted in an index that grows.
create or replace function call_ledger.recording_states() returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  others jsonb := call_ledger.recording_counts() - array['due', 'stale'];
begin
  return others || jsonb_build_object('stored', (
    (select count(*) from public.recording_upload_queue)
    - (select sum(o.value::bigint) from jsonb_each_text(others) o)));
end
$$;
