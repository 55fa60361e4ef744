-- Returns the outcome of an ended call. The SQL twin of outcomeOfEnding in packages/domain/src/call/outcome.ts.
create or replace function call_ledger.outcome_of_ending(word text, caller_turns integer) returns text
language sql immutable parallel safe
return case
  when word = 'delivered' then 'completed'
  when word in ('completed', 'silence') and caller_turns = 0 then 'no_answer'
  when word = 'silence' then case when caller_turns > 0 then 'completed' else 'unknown' end
  else coalesce(word, 'unknown')
end;

grant execute on function call_ledger.outcome_of_ending(text, integer) to call_ledger_definer;
