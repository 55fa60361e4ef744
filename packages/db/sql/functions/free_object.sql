-- Ends the hold of hold_object.
create or replace function call_ledger.free_object(
  object_org_id uuid, object_call_id uuid, object_channel text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.recording_upload_queue q set object_held_until = null
  where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel
    and q.object_held_until is not null;
end
$$;
