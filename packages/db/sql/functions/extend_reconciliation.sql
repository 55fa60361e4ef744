-- Extends the lease of a run, and stores the times between which the account's calls are compared. `come_from` is given
-- by a run that compares all calls anew: the first one, one after a gap, and one after a comparison whose clock was
-- ahead. Without it the later time never decreases. False: the run is no longer held and has to end.
create or replace function call_ledger.extend_reconciliation(
  account_id uuid, held_token uuid, lease_seconds integer, come_from timestamptz, come_to timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.reconciled_accounts r set
    next_run_at = now() + make_interval(secs => lease_seconds),
    compared_since = coalesce(come_from, r.compared_since),
    compared_until = case when come_from is null then greatest(r.compared_until, come_to) else come_to end
  where r.provider_account_id = account_id and r.lease_token = held_token;
  return found;
end
$$;

grant execute on function call_ledger.extend_reconciliation(uuid, uuid, integer, timestamptz, timestamptz) to call_ledger_worker;
