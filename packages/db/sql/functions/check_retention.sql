-- Refuses to delete data that is younger than a day, for every caller. No setting keeps less, and a stolen login may
-- not delete more. One hour is left for clocks that differ.
create or replace function call_ledger.check_retention(before timestamptz) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  if before > now() - interval '23 hours' then
    raise exception 'what is younger than a day is kept' using errcode = '22023';
  end if;
end
$$;

grant execute on function call_ledger.check_retention(timestamptz) to call_ledger_definer;
