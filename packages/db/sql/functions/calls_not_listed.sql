-- Returns each call of the ledger that the provider has not listed. `started_at`: its start, or else the time at which it
-- was first seen. It is inlined like compared_calls.
create or replace function call_ledger.calls_not_listed()
returns table (org_id uuid, provider_account_id uuid, provider_call_id text, started_at timestamptz, call_id uuid)
language sql stable
begin atomic
  select k.org_id, k.provider_account_id, k.provider_call_id, coalesce(k.started_at, k.created_at), k.id
  from public.calls k
  where not exists (
    select from public.provider_calls p
    where p.provider_account_id = k.provider_account_id and p.provider_call_id = k.provider_call_id);
end;

grant execute on function call_ledger.calls_not_listed() to call_ledger_reader, call_ledger_operator, call_ledger_definer;
