-- compare_fetched_calls without a decision of a person. The release before it calls this function.
create or replace function call_ledger.compare_calls(account_id uuid, fetched jsonb)
returns table (
  org_id uuid, missing text, is_known boolean, phase text, report_version text, has text[],
  cost_usd numeric, started_at timestamptz, ended_at timestamptz, ended_reason text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return query select * from call_ledger.compare_fetched_calls(account_id, fetched, null);
end
$$;

grant execute on function call_ledger.compare_calls(uuid, jsonb) to call_ledger_worker;
