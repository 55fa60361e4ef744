-- Books that a call was completed, and how long it lasted. A call that is not there yet is created ended. A later
-- duration corrects an earlier one; what the provider has said stands. Idempotent;
-- raises 22004, 22023, 23503 or 42501 with what to do.
create or replace function public.update_call_completed_atomically(
  p_org_id uuid, p_vapi_call_id text, p_duration_seconds integer, p_call_tracking_id uuid default null)
returns table (call_id uuid, outcome text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if p_duration_seconds < 0 then
    raise exception 'p_duration_seconds is negative' using errcode = '22023';
  end if;
  if p_call_tracking_id is not null and not exists (
    select from public.call_tracking t
    where t.org_id = p_org_id and t.id = p_call_tracking_id
      and t.provider = 'vapi' and t.provider_call_id = p_vapi_call_id) then
    raise exception 'p_call_tracking_id is not the id of this call' using errcode = '22023';
  end if;
  return query
  select b.call_id, b.outcome
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.ended', 'event_type', 'update_call_completed_atomically', 'phase', 'ended',
      'outcome', 'completed', 'ended_rank', 0),
    jsonb_build_object(
      'kind', 'call.reported', 'event_type', 'update_call_completed_atomically',
      'report', jsonb_build_object('duration_seconds', p_duration_seconds,
        'ended_at', date_trunc('milliseconds', clock_timestamp())))]) b;
end
$$;
