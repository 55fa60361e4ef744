-- Gives back upload jobs whose lease expired more than `grace_seconds` ago and that no worker has taken over, at most
-- `most`. Waits for no lock, so it cannot be part of a deadlock with a transaction that holds a call. Also ends expired
-- holds of hold_object, whose holder has died. Returns the number of jobs.
create or replace function call_ledger.release_expired_leases(grace_seconds integer, most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  given_back integer;
begin
  update public.recording_upload_queue q set object_held_until = null
  from (
    select d.org_id, d.id from public.recording_upload_queue d
    where d.object_held_until < now()
    limit most
    for no key update skip locked) d
  where q.org_id = d.org_id and q.id = d.id;

  update public.recording_upload_queue q set
    status = 'pending', lease_until = null, lease_token = null, updated_at = now()
  from (
    select d.org_id, d.id from public.recording_upload_queue d
    where d.status = 'fetching' and d.next_attempt_at < now() - make_interval(secs => grace_seconds)
    limit most
    for no key update skip locked) d
  where q.org_id = d.org_id and q.id = d.id;
  get diagnostics given_back = row_count;
  return given_back;
end
$$;
