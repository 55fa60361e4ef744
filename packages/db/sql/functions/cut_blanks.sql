-- Returns a text without the blanks at its ends that JavaScript's trim removes.
create or replace function call_ledger.cut_blanks(given text) returns text
language sql immutable parallel safe
return btrim(given, E' \t\n\x0B\f\r\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007'
  '\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF');

grant execute on function call_ledger.cut_blanks(text) to call_ledger_definer;
