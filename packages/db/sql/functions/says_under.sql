-- Returns whether the value under a key of a part says something. Of an object with a result that is the result. The SQL
-- twin of saysUnder in packages/domain/src/call/report-fields.ts.
create or replace function call_ledger.says_under(part text, value jsonb) returns boolean
language sql immutable parallel safe
return call_ledger.says(case
  when jsonb_typeof(value) <> 'object' then value
  when part = 'structuredOutputs' then value -> 'result'
  when part = 'scorecards' then value -> 'score'
  else value
end);

grant execute on function call_ledger.says_under(text, jsonb) to call_ledger_definer;
