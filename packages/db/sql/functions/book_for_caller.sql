-- The common part of the three public functions: books one call's events on the platform's account at Vapi, whose calls
-- these functions take. The id is trimmed like that of a delivery (boundedIdentifier in
-- packages/domain/src/text/bounds.ts). Raises 22004 or 22023 for arguments that are not a call, and the errors of
-- book_for_organization.
create or replace function call_ledger.book_for_caller(
  org_id uuid, vapi_call_id text, events jsonb[], out call_id uuid, out outcome text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  id constant text := call_ledger.cut_blanks(vapi_call_id);
begin
  if org_id is null then
    raise exception 'p_org_id is null: name the organization of the call' using errcode = '22004';
  end if;
  if id is null or length(id) not between 1 and 200 then
    raise exception 'p_vapi_call_id has to have 1 to 200 characters' using errcode = '22023';
  end if;
  if call_ledger.is_placeholder(id) then
    raise exception 'p_vapi_call_id is %, which is no id of a call', id using errcode = '22023';
  end if;
  select b.call_id, b.outcome into call_id, outcome
  from call_ledger.book_for_organization(
    org_id, 'vapi', '00000000-0000-4000-8000-000000000001', id, events) b;
end
$$;
