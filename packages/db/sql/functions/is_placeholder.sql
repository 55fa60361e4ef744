-- Returns whether a text stands for an unknown value: a word such as N/A, or a field of a template that was not filled.
-- The SQL twin of isPlaceholder in packages/domain/src/text/placeholder.ts. The blanks are those of JavaScript's trim.
create or replace function call_ledger.is_placeholder(given text) returns boolean
language sql immutable parallel safe
return lower(call_ledger.cut_blanks(given)) in ('null', 'undefined', 'none', 'unknown', 'n/a', '-', '[object object]')
  or call_ledger.cut_blanks(given) ~ '^\{\{[^{}]*\}\}$';

grant execute on function call_ledger.is_placeholder(text) to call_ledger_definer;
