-- Deletes the notes of providers' calls that were created before a time, at most `most`, and returns their number.
create or replace function call_ledger.drop_provider_calls(before timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer;
begin
  perform call_ledger.check_retention(before);
  delete from public.provider_calls d
  using (
    select p.provider_account_id, p.provider_call_id from public.provider_calls p
    where p.created_at < before
    order by p.created_at
    limit most
    for update skip locked) k
  where d.provider_account_id = k.provider_account_id and d.provider_call_id = k.provider_call_id;
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

grant execute on function call_ledger.drop_provider_calls(timestamptz, integer) to call_ledger_worker;
