-- Recomputes the summary of calls. The SQL twin of summarize in packages/domain/src/call/summary.ts. Marks that depend
-- on the clock are removed, except the one for a report that is still missing. The caller has changed the calls, so
-- their change is noted for streams. The caller holds the calls' locks. As a statement of its own, it sees everything
-- that was committed while the caller waited for the locks.
create or replace function call_ledger.summarize_calls(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  perform call_ledger.note_call_changes(org_ids, call_ids);
  update public.calls c set
    provider_account_id = s.provider_account_id,
    agent_id = s.agent_id,
    direction = s.direction,
    customer_number = s.customer_number,
    customer_name = s.customer_name,
    forwarded_to = s.forwarded_to,
    carrier_call_id = s.carrier_call_id,
    phase = s.phase,
    outcome = s.outcome,
    ended_reason = s.ended_reason,
    caller_turns = s.caller_turns,
    attention = case when s.awaits_report and s.phase = 'ended' and 'missing_report' = any (c.attention)
      then array['missing_report'] else '{}' end || s.attention,
    awaits_report = s.awaits_report,
    started_at = s.started_at,
    ended_at = s.ended_at,
    duration_seconds = s.duration_seconds,
    cost_usd = s.cost_usd,
    recording_storage_path = s.recording_storage_path,
    updated_at = now()
  from (
    select k.org_id, k.call_id, t.provider_account_id, t.agent_id, t.direction, t.customer_number,
      t.customer_name, coalesce(l.forwarded_to, t.forwarded_to) as forwarded_to, t.carrier_call_id, x.phase,
      case when x.phase = 'ended' then call_ledger.outcome_of_ending(x.ending_word, x.caller_turns) end as outcome,
      case when x.phase = 'ended' then x.caller_turns end as caller_turns,
      case when x.phase = 'ended' and x.caller_turns = 0 and x.ending_word in ('completed', 'silence')
        then array['no_caller_speech'] else '{}' end as attention,
      -- What the end of a call says is no report.
      l.report_version is null or l.report_version like 'e%' as awaits_report,
      x.ended_reason, x.started_at, x.ended_at,
      case when x.start_version like 'p%' and x.end_version like 'p%'
        then coalesce(b.seconds, l.duration_seconds) else coalesce(l.duration_seconds, b.seconds) end as duration_seconds,
      l.cost_usd, q.storage_path as recording_storage_path
    from (
      select distinct org_id, call_id from unnest(org_ids, call_ids) as pair (org_id, call_id)) k
    cross join lateral (
      select t.*, coalesce(t.fact_versions ->> 'answered_at', 'p') as answered_version,
        coalesce(t.fact_versions ->> 'ended_at', 'p') as ended_version
      from public.call_tracking t where t.org_id = k.org_id and t.id = k.call_id limit 1) t
    cross join lateral (
      select l.report_version, l.caller_turns, l.started_at, l.ended_at, l.ended_reason, l.outcome, l.duration_seconds, l.cost_usd,
        l.forwarded_to,
        call_ledger.current_report_version(coalesce(l.field_versions ->> 'started_at', l.report_version)) as start_version,
        call_ledger.current_report_version(coalesce(l.field_versions ->> 'ended_at', l.report_version)) as end_version
      from public.call_logs l where l.org_id = k.org_id and l.id = k.call_id limit 1) l
    left join lateral (
      select q.storage_path from public.recording_upload_queue q
      where q.org_id = k.org_id and q.call_id = k.call_id and q.status = 'stored'
      order by array_position(array['mono', 'stereo', 'customer', 'assistant'], q.channel) limit 1) q on true
    cross join lateral (
      select
        case when l.report_version is null then t.phase::text else 'ended' end as phase,
        case when d.live_starts then t.answered_at else l.started_at end as started_at,
        case when d.live_starts then t.answered_version else l.start_version end as start_version,
        case when d.live_ends then t.ended_at else l.ended_at end as ended_at,
        case when d.live_ends then t.ended_version else l.end_version end as end_version,
        case when d.live_decides then t.outcome else l.outcome end as ending_word,
        case when t.caller_heard then greatest(l.caller_turns, 1) else l.caller_turns end as caller_turns,
        case when d.live_decides then t.ended_reason else l.ended_reason end as ended_reason
      from (
        -- The first letter of a version says whose word it is; the report's stands, unless it is trusted less.
        select l.started_at is null or coalesce(
            t.answered_at is not null and left(t.answered_version, 1) collate "C" > left(l.start_version, 1), false) as live_starts,
          l.ended_at is null or coalesce(
            t.ended_at is not null and left(t.ended_version, 1) collate "C" > left(l.end_version, 1), false) as live_ends,
          l.outcome is null
            or (l.outcome = 'unknown' and t.outcome is not null and t.outcome <> 'unknown') as live_decides) d) x
    cross join lateral (
      select case when x.ended_at >= x.started_at then
        least(round(extract(epoch from x.ended_at - x.started_at)), 2147483647)::integer end as seconds) b
  ) s
  where c.org_id = s.org_id and c.id = s.call_id
    and (c.provider_account_id, c.agent_id, c.direction, c.customer_number, c.customer_name,
         c.forwarded_to, c.carrier_call_id, c.phase, c.outcome, c.ended_reason, c.caller_turns,
         -- Null in rows of before the column: they have their report.
         c.awaits_report is true, c.attention,
         c.started_at, c.ended_at, c.duration_seconds, c.cost_usd, c.recording_storage_path)
      is distinct from
        (s.provider_account_id, s.agent_id, s.direction, s.customer_number, s.customer_name,
         s.forwarded_to, s.carrier_call_id, s.phase, s.outcome, s.ended_reason, s.caller_turns, s.awaits_report,
         case when s.awaits_report and s.phase = 'ended' and 'missing_report' = any (c.attention)
           then array['missing_report'] else '{}' end || s.attention,
         s.started_at, s.ended_at, s.duration_seconds, s.cost_usd, s.recording_storage_path);
end
$$;
