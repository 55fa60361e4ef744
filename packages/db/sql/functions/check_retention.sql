-- Refuses to drop what is younger than a day, whoever asks: no setting keeps less, and a login that was taken over may not
-- drop more. An hour is left for clocks that differ.
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
