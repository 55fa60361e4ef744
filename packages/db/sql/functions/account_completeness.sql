-- Returns the calls of yesterday of each account and organization for the operator, at most `most`: those that lacked the
-- most calls come first, then those with the most calls. Yesterday is a day of the organization's calendar. `counts` are
-- those of completeness_of_days. An account that was never compared has no row.
create or replace function call_ledger.account_completeness(most integer)
returns table (org_id uuid, account_id uuid, counts jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select d.org_id, d.account_id, d.counts
  from call_ledger.completeness_of_days(null, null, null, 2) d
  cross join lateral (
    select coalesce(sum((c ->> 'calls')::integer), 0) as calls,
      coalesce(sum((c ->> 'calls')::integer) filter (where c ->> 'missing' <> 'gone'), 0) as missing
    from jsonb_array_elements(d.counts) c) s
  where d.is_over and d.compared_until is not null
  order by s.missing desc, s.calls desc, d.org_id, d.account_id
  limit most;
end
$$;

grant execute on function call_ledger.account_completeness to call_ledger_writer;
