-- Returns the last seven days that are over of each account and organization, for the operator: at most `most` accounts of
-- an organization. Those that lacked the most calls come first, then those with the most calls. A day is one of the
-- organization's calendar. `counts` are those of completeness_of_days. An account that was never compared has no row.
create or replace function call_ledger.account_days(most integer)
returns table (org_id uuid, account_id uuid, day date, is_compared boolean, counts jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select d.org_id, d.account_id, d.day, d.is_compared, d.counts
  from call_ledger.completeness_of_days(null, null, null, 8) d
  cross join lateral (
    select coalesce(sum((c ->> 'calls')::integer), 0) as calls,
      coalesce(sum((c ->> 'calls')::integer) filter (where c ->> 'missing' <> 'gone'), 0) as missing
    from jsonb_array_elements(d.counts) c) s
  where d.is_over and d.compared_until is not null
  window of_account as (partition by d.org_id, d.account_id)
  order by sum(s.missing) over of_account desc, sum(s.calls) over of_account desc, d.org_id, d.account_id, d.day
  limit most * 7;
end
$$;

grant execute on function call_ledger.account_days to call_ledger_writer;
