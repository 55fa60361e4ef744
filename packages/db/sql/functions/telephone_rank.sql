-- Returns '1' for a telephone number, and '0' for a SIP address or a word such as anonymous, which are worth less.
create or replace function call_ledger.telephone_rank(number text) returns text
language sql immutable parallel safe
return case when number ~ '^[+0-9(][0-9 ().-]*$' then '1' else '0' end;

grant execute on function call_ledger.telephone_rank(text) to call_ledger_definer;
