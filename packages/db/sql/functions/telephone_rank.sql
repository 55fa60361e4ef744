-- Returns '2' for a telephone number of a plus and digits, '1' for one of another form, and '0' for a SIP address, a word
-- such as anonymous, or such a word on the keys of a telephone.
create or replace function call_ledger.telephone_rank(number text) returns text
language sql immutable parallel safe
return case
  when number !~ '^[+0-9(][0-9 ().-]*$' or number !~ '^\+[0-9]|([0-9][^0-9]*){3}' then '0'
  when number ~ '^\+?(464|2562533|8566696|266696687|7378742833|86282452253)$' then '0'
  when number ~ '^\+[0-9]+$' then '2'
  else '1'
end;

grant execute on function call_ledger.telephone_rank(text) to call_ledger_definer;
