-- Books that an inbound call rings. Idempotent. A word such as N/A counts as no value. Raises 22004, 22023, 23503 or
-- 42501 with what to do. The columns after `outcome` are those that the function of this name returned before call-
-- ledger; one of them is the call's id.
create or replace function public.create_inbound_call_atomically(
  p_org_id uuid, p_vapi_call_id text, p_agent_id uuid, p_phone_number text,
  p_lead_id uuid default null, p_metadata jsonb default null)
returns table (
  call_id uuid, outcome text, call_tracking_id uuid, call_logs_id uuid, success boolean, error_message text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if p_agent_id is not null and not exists (
    select from public.agents a where a.org_id = p_org_id and a.id = p_agent_id) then
    raise exception 'the organization has no such agent' using errcode = '23503', constraint = 'calls_agent_fkey';
  end if;
  return query
  select b.call_id, b.outcome, b.call_id, b.call_id, true,
    case when b.outcome = 'duplicate' then 'IDEMPOTENT_RETRY: Call already exists in system for this organization' end
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.progressed', 'event_type', 'create_inbound_call_atomically', 'phase', 'ringing',
      'direction', 'inbound', 'agent_id', p_agent_id, 'customer_number', call_ledger.cut_blanks(call_ledger.known_text(p_phone_number)),
      'lead_id', p_lead_id, 'metadata', case when call_ledger.says(p_metadata) then p_metadata end)]) b;
end
$$;

grant execute on function public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)
  to call_ledger_writer;
