-- Notes whether all calls of an account that changed between two times could be read from the provider's list. The times
-- of a held comparison are kept for 100 days, as long as its notes are.
create or replace function call_ledger.note_unread(
  account_id uuid, held_token uuid, since timestamptz, until timestamptz, is_unread boolean) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.reconciled_accounts r set
    unread = case when is_unread
      then (r.unread + tstzmultirange(tstzrange(since, until))) * tstzmultirange(tstzrange(now() - interval '100 days', null))
      else r.unread - tstzmultirange(tstzrange(since, until)) end
  where r.provider_account_id = account_id and r.lease_token = held_token
    and (is_unread or r.unread && tstzrange(since, until));
end
$$;

grant execute on function call_ledger.note_unread(uuid, uuid, timestamptz, timestamptz, boolean) to call_ledger_worker;
