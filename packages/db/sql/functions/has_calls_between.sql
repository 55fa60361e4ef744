-- Returns whether the ledger has `wanted` calls or more of an account that it saw first between two times.
create or replace function call_ledger.has_calls_between(
  account_id uuid, since timestamptz, until timestamptz, wanted integer) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select count(*) = wanted from (
      select from public.calls c
      where c.provider_account_id = account_id and c.created_at >= since and c.created_at < until
      limit wanted) k);
end
$$;

grant execute on function call_ledger.has_calls_between(uuid, timestamptz, timestamptz, integer) to call_ledger_worker;
