-- Returns whether a waiting delivery may be booked for an organization automatically. It may not if another
-- organization has, or had, an assistant or a number in the delivery, or if it came more than a day before the
-- organization's first agent with one of them. The number may then have been reassigned, and the call may belong to its
-- last owner. In these cases a person decides.
create or replace function call_ledger.may_book_named(
  for_org_id uuid, account_id uuid, assistant text, phone_number_id text, number text, also_named jsonb,
  received_at timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select not coalesce(bool_or(a.org_id <> for_org_id), false)
    and coalesce(bool_or(received_at >= a.created_at - interval '1 day'), true)
  from call_ledger.agents_named(account_id, assistant, phone_number_id, number, also_named) a
$$;

grant execute on function call_ledger.may_book_named(uuid, uuid, text, text, text, jsonb, timestamptz) to call_ledger_definer;
