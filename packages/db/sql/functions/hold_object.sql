-- Judges one object again, right before it is removed. The results are those of object_verdict. If the result is
-- `left`, nothing can be linked to its upload job for this number of seconds: an attempt that begins meanwhile finds
-- that its lease is lost.
create or replace function call_ledger.hold_object(
  object_org_id uuid, object_call_id uuid, object_channel text, path text, hold_seconds integer) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set lock_timeout = '2s'
as $$
declare
  verdict text;
begin
  perform from public.recording_upload_queue q
  where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel
  for no key update;

  verdict := call_ledger.object_verdict(object_org_id, object_call_id, object_channel, path);
  if verdict = 'left' then
    -- A stored job is never worked on again, so nothing can be linked to it in any case.
    update public.recording_upload_queue q set
      object_held_until = clock_timestamp() + make_interval(secs => hold_seconds)
    where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel
      and q.status <> 'stored';
  end if;
  return verdict;
end
$$;
