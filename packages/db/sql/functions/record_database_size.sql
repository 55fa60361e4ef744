-- Stores the current size of the database in bytes, and deletes sizes that are older than `keep_days`.
create or replace function call_ledger.record_database_size(keep_days integer) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  size bigint := pg_database_size(current_database());
begin
  insert into public.database_sizes (at, size_bytes) values (now(), size) on conflict do nothing;
  delete from public.database_sizes s where s.at < now() - make_interval(days => keep_days);
  return size;
end
$$;
