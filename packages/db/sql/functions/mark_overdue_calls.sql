-- Marks calls whose end or report is overdue, at most `most`, and returns their number. Times are in seconds. A late
-- event removes a mark (summarize_calls). Calls that are being booked are left to the next run.
create or replace function call_ledger.mark_overdue_calls(
  before_connection_seconds integer, in_progress_seconds integer, report_seconds integer, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  before_connection constant interval := make_interval(secs => before_connection_seconds);
  in_progress constant interval := make_interval(secs => in_progress_seconds);
  for_report constant interval := make_interval(secs => report_seconds);
  held_orgs uuid[];
  held_calls uuid[];
  marked integer;
begin
  select array_agg(h.org_id), array_agg(h.id) into held_orgs, held_calls
  from (
    select c.org_id, c.id from public.calls c
    where c.awaits_report and c.attention = '{}'
      and call_ledger.overdue_mark(c.org_id, c.id, before_connection, in_progress, for_report) is not null
    order by c.created_at
    limit most
    for no key update of c skip locked) h;

  -- A statement of its own sees what was booked before the locks were taken.
  update public.calls c set attention = array[m.mark], updated_at = now()
  from (
    select k.org_id, k.id, call_ledger.overdue_mark(k.org_id, k.id, before_connection, in_progress, for_report) as mark
    from unnest(held_orgs, held_calls) as k (org_id, id)) m
  where c.org_id = m.org_id and c.id = m.id and m.mark is not null;
  get diagnostics marked = row_count;
  if marked > 0 then
    perform call_ledger.note_call_changes(held_orgs, held_calls);
  end if;
  return marked;
end
$$;

grant execute on function call_ledger.mark_overdue_calls(integer, integer, integer, integer) to call_ledger_worker;
