-- Recomputes the summary of calls; the SQL twin of summarize in packages/domain/src/call/summary.ts.
-- The caller holds the calls' locks. Run as a statement of its own it sees what was committed while the locks were waited for.
create or replace function call_ledger.summarize_calls(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = ''
as $$
begin
  update public.calls c set
    provider_account_id = s.provider_account_id,
    agent_id = s.agent_id,
    direction = s.direction,
    customer_number = s.customer_number,
    phase = s.phase,
    outcome = s.outcome,
    ended_reason = s.ended_reason,
    started_at = s.started_at,
    ended_at = s.ended_at,
    duration_seconds = s.duration_seconds,
    cost_usd = s.cost_usd,
    recording_storage_path = s.recording_storage_path,
    updated_at = now()
  from (
    select k.org_id, k.call_id, t.provider_account_id, t.agent_id, t.direction, t.customer_number, x.phase,
      case when x.phase = 'ended' then coalesce(x.ending_outcome, 'unknown') end as outcome,
      x.ended_reason, x.started_at, x.ended_at,
      coalesce(
        case when x.ended_at >= x.started_at then
          least(round(extract(epoch from x.ended_at - x.started_at)), 2147483647)::integer end,
        l.duration_seconds) as duration_seconds,
      l.cost_usd, q.storage_path as recording_storage_path
    from (
      select distinct org_id, call_id from unnest(org_ids, call_ids) as pair (org_id, call_id)) k
    cross join lateral (
      select * from public.call_tracking t where t.org_id = k.org_id and t.id = k.call_id limit 1) t
    cross join lateral (
      select l.report_version, l.started_at, l.ended_at, l.ended_reason, l.outcome, l.duration_seconds, l.cost_usd
      from public.call_logs l where l.org_id = k.org_id and l.id = k.call_id limit 1) l
    left join lateral (
      select q.storage_path from public.recording_upload_queue q
      where q.org_id = k.org_id and q.call_id = k.call_id and q.status = 'stored'
      order by q.channel = 'mono' desc limit 1) q on true
    cross join lateral (
      select
        case when l.report_version is null then t.phase::text else 'ended' end as phase,
        coalesce(l.started_at, t.answered_at) as started_at,
        coalesce(l.ended_at, t.ended_at) as ended_at,
        case when d.live_decides then t.outcome else l.outcome end as ending_outcome,
        case when d.live_decides then t.ended_reason else l.ended_reason end as ended_reason
      from (
        select l.outcome is null
          or (l.outcome = 'unknown' and t.outcome is not null and t.outcome <> 'unknown') as live_decides) d) x
  ) s
  where c.org_id = s.org_id and c.id = s.call_id
    and (c.provider_account_id, c.agent_id, c.direction, c.customer_number, c.phase, c.outcome, c.ended_reason,
         c.started_at, c.ended_at, c.duration_seconds, c.cost_usd, c.recording_storage_path)
      is distinct from
        (s.provider_account_id, s.agent_id, s.direction, s.customer_number, s.phase, s.outcome, s.ended_reason,
         s.started_at, s.ended_at, s.duration_seconds, s.cost_usd, s.recording_storage_path);
end
$$;
