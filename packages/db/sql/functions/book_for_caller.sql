-- What the three public functions share: books one call's events on the platform's account at Vapi, whose calls are what
-- these functions take. Raises 22004 or 22023 for arguments that are no call, and what book_for_organization raises.
create or replace function call_ledger.book_for_caller(
  org_id uuid, vapi_call_id text, events jsonb[], out call_id uuid, out outcome text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if org_id is null then
    raise exception 'p_org_id is null: name the organization of the call' using errcode = '22004';
  end if;
  if vapi_call_id is null or length(vapi_call_id) not between 1 and 200 then
    raise exception 'p_vapi_call_id has to have 1 to 200 characters' using errcode = '22023';
  end if;
  select b.call_id, b.outcome into call_id, outcome
  from call_ledger.book_for_organization(
    org_id, 'vapi', '00000000-0000-4000-8000-000000000001', vapi_call_id, events) b;
end
$$;
