-- Returns the new part of an event from a caller of the SQL API: without the facts and report fields that the provider
-- has given, and without those that the caller has given before. Null: nothing is new. A caller may correct its own
-- values, and those of the older system whose rows were adopted. The end of a caller's report is the clock of the
-- transaction that holds the call's lock; it counts only if nobody has given an end. The completion of a call is not
-- new if a report has its outcome.
create or replace function call_ledger.caller_news(event jsonb, live public.call_tracking, report public.call_logs)
returns jsonb
language sql stable set search_path = pg_catalog, pg_temp
as $$
  with fact as (
    select f.key,
      case f.key
        when 'agent_id' then live.agent_evidence - 2
        when 'customer_number' then
          call_ledger.telephone_rank(live.customer_number)::integer - call_ledger.telephone_rank(f.value #>> '{}')::integer
        else 0
      end as known_better,
      nullif(to_jsonb(live) -> f.key, '"unknown"') as known, f.value,
      coalesce(live.fact_versions ->> f.key, 'p') as version
    from jsonb_each(event) f
    where f.key in ('agent_id', 'direction', 'customer_number', 'lead_id', 'metadata') and jsonb_typeof(f.value) <> 'null'
  ), stale_fact as (
    select f.key from fact f
    where jsonb_typeof(f.known) <> 'null'
      and (f.known_better > 0
        or f.known_better = 0 and (f.version = 'p' or f.version like 'c%' and f.known = f.value))
  ), field as (
    select f.key, f.value, to_jsonb(report) -> f.key as known,
      call_ledger.current_report_version(coalesce(report.field_versions ->> f.key, report.report_version)) as version
    from jsonb_each(event -> 'report') f
    where jsonb_typeof(f.value) <> 'null'
  ), news as (
    -- json_object_agg and a cast: jsonb_object_agg copies each string in a time that grows with all that follows it in its value.
    select coalesce(json_object_agg(f.key, f.value)::jsonb, '{}') as report
    from field f
    where case
      when f.key = 'ended_at' then coalesce(report.ended_at, live.ended_at) is null
      when jsonb_typeof(coalesce(f.known, 'null')) = 'null' then true
      else f.version like 'a%' or f.version like 'c%' and f.known <> f.value
    end
  )
  select event - array(select key from stale_fact)
    - case when n.report ? 'recording_url' then '' else 'recordings' end
    || case when event ? 'report' then jsonb_build_object('report', n.report) else '{}' end
  from news n
  where n.report <> '{}'
    or (select count(*) from fact) > (select count(*) from stale_fact)
    or coalesce((event ->> 'phase')::public.call_phase > live.phase, event ? 'phase' and live.phase is null)
    or (event ? 'ended_rank' and live.ended_rank is null and coalesce(report.outcome, 'unknown') = 'unknown')
$$;

grant execute on function call_ledger.caller_news(jsonb, public.call_tracking, public.call_logs) to call_ledger_definer;
