-- Ends a run with its result, or with the reason of its failure, or gives it back with neither. It is due again after
-- this number of seconds. False: the run is no longer held, and its new holder will settle it.
create or replace function call_ledger.settle_reconciliation(
  account_id uuid, held_token uuid, again_seconds integer, outcome jsonb, failure text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.reconciled_accounts r set
    lease_token = null,
    next_run_at = now() + make_interval(secs => again_seconds),
    finished_at = case when num_nonnulls(outcome, failure) > 0 then now() else r.finished_at end,
    succeeded_at = case when outcome is not null then now() else r.succeeded_at end,
    result = coalesce(outcome, r.result),
    error = case when outcome is not null then null else coalesce(left(failure, 200), r.error) end
  where r.provider_account_id = account_id and r.lease_token = held_token;
  return found;
end
$$;

grant execute on function call_ledger.settle_reconciliation(uuid, uuid, integer, jsonb, text) to call_ledger_worker;
