-- Books that a call was completed, with its recording and transcript if there are any. A URL is queued for upload,
-- and a storage path counts as stored. A later value corrects an earlier one of the same caller; values of the
-- provider and recordings that the worker stored stay. A word such as N/A counts as no value. Idempotent. Raises
-- 22004, 22023, 23503 or 42501 with what to do. The columns after `outcome` are those that the function of this name
-- returned before call-ledger.
create or replace function public.update_call_with_recording_atomically(
  p_org_id uuid, p_vapi_call_id text, p_recording_url text default null, p_recording_storage_path text default null,
  p_transcript text default null, p_call_type text default null)
returns table (
  call_id uuid, outcome text, call_logs_updated boolean, calls_updated boolean, success boolean, error_message text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  source constant text := call_ledger.cut_blanks(call_ledger.known_text(p_recording_url));
  url constant text := nullif(split_part(split_part(source, '?', 1), '#', 1), '');
  transcript constant text := call_ledger.known_text(p_transcript);
  path constant text := call_ledger.cut_blanks(call_ledger.known_text(p_recording_storage_path));
  call_type constant text := call_ledger.known_text(p_call_type);
  booked record;
begin
  if call_type not in ('inbound', 'outbound', 'web') then
    raise exception 'p_call_type has to be inbound, outbound or web' using errcode = '22023';
  end if;
  select b.call_id, b.outcome into booked
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.ended', 'event_type', 'update_call_with_recording_atomically', 'phase', 'ended',
      'outcome', 'completed', 'ended_rank', 0, 'direction', call_type)]
    || case when num_nonnulls(url, transcript, path) > 0 then array[
      jsonb_build_object(
        'kind', 'call.reported', 'event_type', 'update_call_with_recording_atomically',
        'report', jsonb_build_object('recording_url', url, 'transcript', transcript,
          'ended_at', date_trunc('milliseconds', clock_timestamp())))
      || case when url is null then '{}'::jsonb else jsonb_build_object(
        'recordings', jsonb_build_array(jsonb_build_object(
          'channel', 'mono', 'recording_url', url, 'source_url', source))) end] end) b;

  -- The upload job fetches the recording that the caller has named last, unless the provider has named one.
  update public.recording_upload_queue q set
    recording_url = url, source_url = source, source_expires_at = null,
    status = case when q.status = 'fetching' then q.status else 'pending' end,
    attempts = case when q.status = 'fetching' then q.attempts else 0 end,
    next_attempt_at = case when q.status = 'fetching' then q.next_attempt_at else now() end,
    updated_at = now()
  from public.call_logs l
  where l.org_id = p_org_id and l.id = booked.call_id and l.recording_url = url
    and coalesce(l.field_versions ->> 'recording_url', l.report_version) like 'c%'
    and q.org_id = p_org_id and q.call_id = booked.call_id and q.channel = 'mono' and q.status <> 'stored'
    and q.source_url is distinct from source;
  if found then booked.outcome := 'applied'; end if;

  if path is not null then
    insert into public.recording_upload_queue as q (org_id, call_id, channel, status, storage_path, recording_url, finished_at)
    values (p_org_id, booked.call_id, 'mono', 'stored', path, url, now())
    on conflict (org_id, call_id, channel) do update set
      status = 'stored', storage_path = excluded.storage_path, finished_at = excluded.finished_at,
      lease_until = null, last_error = null, updated_at = now()
    where q.status <> 'stored' or (q.sha256 is null and q.storage_path <> excluded.storage_path);
    if found then
      booked.outcome := 'applied';
      perform call_ledger.summarize_calls(array[p_org_id], array[booked.call_id]);
    end if;
  end if;
  return query select booked.call_id, booked.outcome, true, true, true, null::text;
end
$$;

grant execute on function public.update_call_with_recording_atomically(uuid, text, text, text, text, text)
  to call_ledger_writer;
