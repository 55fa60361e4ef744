-- Books a recording and a transcript: a URL is queued for upload, a storage path is taken as stored.
-- Idempotent; raises 22004, 22023, 23503 or 42501 with what to do.
create or replace function public.update_call_with_recording_atomically(
  p_org_id uuid, p_vapi_call_id text, p_recording_url text default null, p_recording_storage_path text default null,
  p_transcript text default null, p_call_type text default null)
returns table (call_id uuid, outcome text)
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  url constant text := nullif(split_part(split_part(p_recording_url, '?', 1), '#', 1), '');
  transcript constant text := nullif(p_transcript, '');
  path constant text := nullif(p_recording_storage_path, '');
  booked record;
begin
  if p_call_type is not null and p_call_type not in ('inbound', 'outbound', 'web') then
    raise exception 'p_call_type has to be inbound, outbound or web' using errcode = '22023';
  end if;
  if num_nonnulls(url, transcript, path) = 0 then
    raise exception 'give at least one of p_recording_url, p_recording_storage_path and p_transcript'
      using errcode = '22023';
  end if;
  select b.call_id, b.outcome into booked
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.reported', 'event_type', 'update_call_with_recording_atomically',
      'direction', coalesce(p_call_type, 'unknown'),
      'report_version', call_ledger.caller_report_version(
        num_nonnulls(url, transcript), jsonb_build_array(url, transcript)::text),
      'report', jsonb_build_object('recording_url', url, 'transcript', transcript))
    || case when url is null then '{}'::jsonb else jsonb_build_object(
      'recordings', jsonb_build_array(jsonb_build_object(
        'channel', 'mono', 'recording_url', url, 'source_url', p_recording_url))) end]) b;

  if path is not null then
    perform from public.calls c where c.org_id = p_org_id and c.id = booked.call_id for no key update;
    insert into public.recording_upload_queue as q (org_id, call_id, channel, status, storage_path, recording_url, finished_at)
    values (p_org_id, booked.call_id, 'mono', 'stored', path, url, now())
    on conflict (org_id, call_id, channel) do update set
      status = 'stored', storage_path = excluded.storage_path, finished_at = excluded.finished_at,
      lease_until = null, last_error = null, updated_at = now()
    where q.status <> 'stored';
    if found then booked.outcome := 'applied'; end if;
    perform call_ledger.summarize_calls(array[p_org_id], array[booked.call_id]);
  end if;
  return query select booked.call_id, booked.outcome;
end
$$;
