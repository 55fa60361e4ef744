-- Deletes expired data of access, at most `most` of each kind: replies kept for an Idempotency-Key after a day, sign-in
-- links a day after they expire, and sessions 90 days after they expire. Returns the number of rows.
create or replace function call_ledger.drop_expired_access(most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer;
  total integer := 0;
begin
  delete from public.idempotency_keys k
  where k.ctid = any (array(
    select d.ctid from public.idempotency_keys d where d.created_at < now() - interval '24 hours' limit most));
  get diagnostics dropped = row_count;
  total := total + dropped;

  delete from public.sign_in_links l
  where l.ctid = any (array(
    select d.ctid from public.sign_in_links d where d.expires_at < now() - interval '1 day' limit most));
  get diagnostics dropped = row_count;
  total := total + dropped;

  delete from public.sessions s
  where s.ctid = any (array(
    select d.ctid from public.sessions d
    where least(d.expires_at, d.revoked_at) < now() - interval '90 days' limit most));
  get diagnostics dropped = row_count;
  return total + dropped;
end
$$;

grant execute on function call_ledger.drop_expired_access to call_ledger_worker;
