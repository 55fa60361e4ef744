-- Returns the mark of a call without a report, by the clock: `stuck`, `missing_report`, or null. The time counts from
-- the latest event, by the provider's time unless that is missing or in the future. For a scheduled call it counts from
-- the time for which the provider has planned it; without a plan it is not overdue. Plans are compared as texts, because
-- a text that is no time would end the run for all calls.
create or replace function call_ledger.overdue_mark(
  call_org_id uuid, call_id uuid, before_connection interval, in_progress interval, for_report interval)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when c.phase = 'ended' then
      case when least(t.ended_at, s.seen_at) < now() - for_report then 'missing_report' end
    when c.phase = 'scheduled' then case when s.planned_at collate "C" < to_char(
      (now() - before_connection) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') then 'stuck' end
    when c.phase in ('queued', 'ringing') then case when s.seen_at < now() - before_connection then 'stuck' end
    when s.seen_at < now() - in_progress then 'stuck'
  end
  from public.calls c
  join public.call_tracking t on t.org_id = c.org_id and t.id = c.id
  cross join lateral (
    select coalesce(max(least(e.occurred_at, e.received_at)), c.created_at) as seen_at,
      max(p.plan collate "C") filter (where p.plan ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d.*Z$') as planned_at
    from public.processed_webhook_events e
    cross join lateral (
      select coalesce(e.details #>> '{schedulePlan,latestAt}', e.details #>> '{schedulePlan,earliestAt}') as plan) p
    where e.org_id = c.org_id and e.provider = c.provider and e.provider_call_id = c.provider_call_id) s
  where c.org_id = call_org_id and c.id = call_id and c.awaits_report
$$;

grant execute on function call_ledger.overdue_mark(uuid, uuid, interval, interval, interval) to call_ledger_definer;
