-- Returns whether a value says something: no blank or empty value, and no word instead of a value. Null: it says nothing.
create or replace function call_ledger.says(value jsonb) returns boolean
language sql immutable parallel safe
return case jsonb_typeof(value)
  when 'null' then false
  when 'string' then call_ledger.cut_blanks(value #>> '{}') <> '' and not call_ledger.is_placeholder(value #>> '{}')
  when 'array' then value <> '[]'
  when 'object' then value <> '{}'
  else value is not null
end;

grant execute on function call_ledger.says(jsonb) to call_ledger_definer;
