-- Returns each call that the provider has listed, with the ledger's call (`call_id`) if there is one. `lacked`: the part
-- that the ledger lacked. `missing`: why the ledger lacks the call. A call is missing if `calls` has no row of it, or none
-- with the report of a call that has ended, whatever the last comparison noted: it may have been booked since. The
-- function runs with the rights of the caller. It has one statement and no settings, so that Postgres inlines it.
create or replace function call_ledger.compared_calls()
returns table (
  org_id uuid, provider_account_id uuid, provider_call_id text, created_at timestamptz, call_id uuid, lacked text,
  missing text)
language sql stable
begin atomic
  select p.org_id, p.provider_account_id, p.provider_call_id, p.created_at, k.id, p.lacked,
    case when k.id is null or (p.has_ended and k.awaits_report) then coalesce(p.missing, 'not_booked') end
  from public.provider_calls p
  join public.reconciled_accounts c on c.provider_account_id = p.provider_account_id
  left join public.calls k
    on k.org_id = p.org_id and k.provider = c.provider and k.provider_call_id = p.provider_call_id;
end;

grant execute on function call_ledger.compared_calls() to call_ledger_reader, call_ledger_operator, call_ledger_definer;
