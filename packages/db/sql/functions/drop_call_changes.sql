-- Deletes notes of changed calls that are older than an hour, at most `most`, and returns their number. A stream may
-- resume within a shorter time.
create or replace function call_ledger.drop_call_changes(most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  dropped integer;
begin
  -- Transactions number themselves about in the order of time, so the oldest stand first in the key.
  delete from public.call_changes n
  using (
    select o.changed_xid, o.org_id, o.call_id, o.changed_at
    from public.call_changes o order by o.changed_xid, o.org_id, o.call_id limit most) o
  where n.changed_xid = o.changed_xid and n.org_id = o.org_id and n.call_id = o.call_id
    and o.changed_at < now() - interval '1 hour';
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

grant execute on function call_ledger.drop_call_changes to call_ledger_worker;
