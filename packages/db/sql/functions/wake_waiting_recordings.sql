-- Makes the upload jobs due that wait for a host to be allowed: all of them, or those of one account's calls. Waits for
-- no lock, so it cannot be part of a deadlock with a transaction that holds a call. Returns their number.
create or replace function call_ledger.wake_waiting_recordings(account_id uuid) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  woken integer;
begin
  update public.recording_upload_queue q set next_attempt_at = now(), updated_at = now()
  from (
    select d.org_id, d.id from public.recording_upload_queue d
    join public.calls k on k.org_id = d.org_id and k.id = d.call_id
    where d.status = 'pending' and d.waits_for_host is not null
      and (account_id is null or k.provider_account_id = account_id)
    for no key update of d skip locked) d
  where q.org_id = d.org_id and q.id = d.id;
  get diagnostics woken = row_count;
  return woken;
end
$$;

grant execute on function call_ledger.wake_waiting_recordings to call_ledger_worker, call_ledger_api_operator;
