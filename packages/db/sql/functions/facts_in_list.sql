-- Counts the facts of a list: its texts, numbers and booleans at any depth, without empty texts and zeros. The SQL twin
-- of factsInList in packages/domain/src/call/report-fields.ts. The facts are collected in an array, because Postgres
-- returns them as rows in a time that grows with the square of their number.
create or replace function call_ledger.facts_in_list(value jsonb) returns integer
language sql immutable parallel safe
return jsonb_array_length(jsonb_path_query_array(value, 'strict $.** ? (
  @.type() == "string" && @ != "" || @.type() == "number" && @ != 0 || @.type() == "boolean")'));

grant execute on function call_ledger.facts_in_list(jsonb) to call_ledger_definer;
