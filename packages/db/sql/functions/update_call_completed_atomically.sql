-- Books that a call was completed, and its duration. A call that is not there yet is created as ended. A later duration
-- corrects an earlier one; values of the provider stay. Idempotent. Raises 22004, 22023, 23503 or 42501 with what to
-- do. The columns after `outcome` are those that the function of this name returned before call-ledger.
-- p_call_tracking_id may be an id of that time, which the ledger does not know; it may not be another call's.
create or replace function public.update_call_completed_atomically(
  p_org_id uuid, p_vapi_call_id text, p_duration_seconds integer, p_call_tracking_id uuid default null)
returns table (
  call_id uuid, outcome text, call_logs_updated boolean, call_tracking_updated boolean, success boolean,
  error_message text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  booked record;
begin
  if p_duration_seconds < 0 then
    raise exception 'p_duration_seconds is negative' using errcode = '22023';
  end if;
  select b.call_id, b.outcome into booked
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.ended', 'event_type', 'update_call_completed_atomically', 'phase', 'ended',
      'outcome', 'completed', 'ended_rank', 0),
    jsonb_build_object(
      'kind', 'call.reported', 'event_type', 'update_call_completed_atomically',
      'report', jsonb_build_object('duration_seconds', p_duration_seconds,
        'ended_at', date_trunc('milliseconds', clock_timestamp())))]) b;
  if p_call_tracking_id <> booked.call_id and exists (
    select from public.call_tracking t where t.org_id = p_org_id and t.id = p_call_tracking_id) then
    raise exception 'p_call_tracking_id is the id of another call' using errcode = '22023';
  end if;
  return query select booked.call_id, booked.outcome, true, coalesce(p_call_tracking_id = booked.call_id, false), true, null::text;
end
$$;

grant execute on function public.update_call_completed_atomically(uuid, text, integer, uuid) to call_ledger_writer;
