-- Returns a text unless it is blank or a word instead of a value, such as N/A.
create or replace function call_ledger.known_text(given text) returns text
language sql immutable parallel safe
return case when call_ledger.cut_blanks(given) <> '' and not call_ledger.is_placeholder(given) then given end;

grant execute on function call_ledger.known_text(text) to call_ledger_definer;
