-- Notes with which key of the provider's API a held comparison reads. Another key than before may read another
-- customer's calls at the provider, so nothing counts as compared, and calls that the provider did not have are requested
-- again. `digest` identifies the key. False: the run is no longer held.
create or replace function call_ledger.note_comparison_key(account_id uuid, held_token uuid, digest text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  before text;
begin
  select r.key_digest into before
  from public.reconciled_accounts r
  where r.provider_account_id = account_id and r.lease_token = held_token
  for no key update;
  if not found then return false; end if;
  update public.reconciled_accounts r set key_digest = digest where r.provider_account_id = account_id;
  if before <> digest then
    update public.reconciled_accounts r set compared_since = null, compared_until = null, unread = '{}'
    where r.provider_account_id = account_id;
    update public.provider_calls p set missing = 'not_booked', ask_at = now()
    where p.provider_account_id = account_id and p.missing = 'gone';
  end if;
  return true;
end
$$;

grant execute on function call_ledger.note_comparison_key(uuid, uuid, text) to call_ledger_worker;
