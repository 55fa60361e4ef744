-- Returns whether a waiting delivery may be booked for an organization automatically. It may not if another
-- organization has, or had, the assistant or the number in the delivery, or if it came more than a day before the
-- organization's first agent with one of them. The number may then have been reassigned, and the call may belong to its
-- last owner. In these cases a person decides.
create or replace function call_ledger.may_book_waiting(
  for_org_id uuid, account_id uuid, assistant text, phone_number_id text, number text, received_at timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select not coalesce(bool_or(a.org_id <> for_org_id), false)
    and coalesce(bool_or(received_at >= a.created_at - interval '1 day'), true)
  from public.agents a
  where a.provider_account_id = account_id
    and (a.provider_agent_id = assistant or a.provider_phone_number_id = phone_number_id or a.phone_number = number)
$$;

grant execute on function call_ledger.may_book_waiting(uuid, uuid, text, text, text, timestamptz) to call_ledger_definer;
