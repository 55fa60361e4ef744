-- Joins reports into the report layer. The SQL twin of mergeReports in packages/domain/src/call/report-layer.ts. The
-- caller holds the calls' locks. Each field, each part of the analysis, the cost breakdown and the details, and each key
-- of some parts, comes from the greatest version that has it. `field_versions` has the versions that differ from the
-- row's greatest one: of a field, of `field.part`, or, if they differ among the keys of a part, of each key. A call in
-- `opened` gets its empty row even if the batch brings no report.
create or replace function call_ledger.merge_logs(booked call_ledger.booked_event[], opened uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.call_logs as l (
    org_id, id, provider, provider_account_id, provider_call_id,
    transcript, messages, caller_turns, summary, analysis, cost_usd, cost_breakdown,
    started_at, ended_at, ended_reason, outcome, duration_seconds, recording_url, forwarded_to,
    details, report_version, field_versions)
  with wanted as (
    select b.org_id, b.call_id, min(b.provider) as provider, min(b.account_id::text collate "C")::uuid as account_id,
      min(b.provider_call_id) as provider_call_id
    from unnest(booked) b
    group by b.org_id, b.call_id
    having bool_or(b.report_version is not null) or b.call_id = any (opened)
  ), reports as (
    select r.*, count(r.version) over call as number, max(r.version collate "C") over call as newest
    from (
      select b.org_id, b.call_id, b.account_id, call_ledger.current_report_version(b.report_version) as version,
        null::jsonb as field_versions, b.report
      from unnest(booked) b
      where b.report_version is not null
      union all
      select l.org_id, l.id, l.provider_account_id, call_ledger.current_report_version(l.report_version),
        l.field_versions, case when l.report_version is not null then to_jsonb(l) end
      from wanted w
      cross join lateral (
        select * from public.call_logs l where l.org_id = w.org_id and l.id = w.call_id limit 1) l) r
    window call as (partition by r.org_id, r.call_id)
  ), best as (
    select distinct on (r.org_id, r.call_id, f.field, f.part, f.key) r.org_id, r.call_id, r.newest, f.field, f.part,
      f.key, f.value, v.version
    from reports r
    cross join lateral (
      select e.key as field, null::text as part, null::text as key, case e.key when 'outcome'
        then jsonb_build_object('outcome', e.value, 'ended_reason', r.report -> 'ended_reason') else e.value end as value,
        r.field_versions -> e.key as version
      from jsonb_each(r.report) e
      where e.key in ('transcript', 'messages', 'caller_turns', 'summary', 'analysis', 'cost_usd', 'cost_breakdown', 'started_at',
          'ended_at', 'outcome', 'duration_seconds', 'recording_url', 'forwarded_to', 'details')
        and jsonb_typeof(e.value) <> 'null'
        and not (e.key in ('analysis', 'cost_breakdown', 'details') and jsonb_typeof(e.value) = 'object')
      union all
      select d.field, p.key, k.key, coalesce(k.value, p.value),
        case jsonb_typeof(v.versions) when 'object' then v.versions -> k.key else v.versions end
      from (values ('analysis'), ('cost_breakdown'), ('details')) d (field)
      cross join lateral jsonb_each(
        case jsonb_typeof(r.report -> d.field) when 'object' then r.report -> d.field end) p
      -- With the offset it is computed once for all keys of a part.
      cross join lateral (select r.field_versions -> concat_ws('.', d.field, p.key) as versions offset 0) v
      left join lateral jsonb_each(
        case when jsonb_typeof(p.value) = 'object' and p.key in ('structuredData', 'structuredDataMulti',
          'structuredOutputs', 'skippedStructuredOutputs', 'scorecards', 'variableValues', 'metadata', 'customer', 'compliance',
          'transport', 'performanceMetrics', 'analysisCostBreakdown') then p.value end) k on true
    ) f
    cross join lateral (
      select coalesce(f.version #>> '{}', r.version) as version) v
    where r.number > 1
    -- Before any version: a value under a key that says nothing, a cost or a provider's duration of 0, which is often not
    -- computed yet, fewer turns, an ending without an outcome, and of one source a list with fewer facts tell less.
    order by r.org_id, r.call_id, f.field, f.part, f.key,
      case f.field when 'duration_seconds' then replace(left(v.version, 1), 'e', 'p') end collate "C" desc,
      case when f.key is not null then call_ledger.says_under(f.part, f.value) end desc,
      case f.field
        when 'duration_seconds' then f.value = '0' and left(v.version, 1) in ('e', 'p')
        when 'outcome' then f.value ->> 'outcome' = 'unknown'
        when 'cost_usd' then f.value = '0'
        when 'cost_breakdown' then f.value = '0'
        else false
      end,
      case f.field when 'caller_turns' then (f.value #>> '{}')::integer end desc,
      left(v.version, 1) collate "C" desc,
      case when f.key is null and jsonb_typeof(f.value) = 'array' then call_ledger.facts_in_list(f.value) else 0 end desc,
      v.version collate "C" desc
  ), known as (
    -- json_object_agg and a cast: jsonb_object_agg copies each string in a time that grows with all that follows it in
    -- its value. Where keys are known, a value that is no object is dropped.
    select b.org_id, b.call_id, b.field, b.part,
      coalesce(json_object_agg(b.key, b.value) filter (where b.key is not null)::jsonb, (array_agg(b.value))[1]) as value,
      case
        when min(b.version collate "C") filter (where b.key is not null)
          <> max(b.version collate "C") filter (where b.key is not null)
        then json_object_agg(b.key, b.version) filter (where b.key is not null and b.version <> b.newest)::jsonb
        else to_jsonb(nullif(coalesce(min(b.version) filter (where b.key is not null), min(b.version)), b.newest))
      end as version
    from best b
    group by b.org_id, b.call_id, b.newest, b.field, b.part
  ), merged as (
    -- Of each field without parts there is one row.
    select k.org_id, k.call_id,
      max(k.value #>> '{}') filter (where k.field = 'transcript') as transcript,
      (array_agg(k.value) filter (where k.field = 'messages'))[1] as messages,
      max(k.value #>> '{}') filter (where k.field = 'caller_turns')::integer as caller_turns,
      max(k.value #>> '{}') filter (where k.field = 'summary') as summary,
      max(k.value #>> '{}') filter (where k.field = 'cost_usd')::numeric as cost_usd,
      max(k.value #>> '{}') filter (where k.field = 'started_at')::timestamptz as started_at,
      max(k.value #>> '{}') filter (where k.field = 'ended_at')::timestamptz as ended_at,
      (array_agg(k.value) filter (where k.field = 'outcome'))[1] as ending,
      max(k.value #>> '{}') filter (where k.field = 'duration_seconds')::integer as duration_seconds,
      max(k.value #>> '{}') filter (where k.field = 'recording_url') as recording_url,
      max(k.value #>> '{}') filter (where k.field = 'forwarded_to') as forwarded_to,
      (array_agg(k.value) filter (where k.field = 'analysis' and k.part is null))[1] as analysis,
      json_object_agg(k.part, k.value) filter (where k.field = 'analysis' and k.part is not null)::jsonb as analysis_parts,
      (array_agg(k.value) filter (where k.field = 'cost_breakdown' and k.part is null))[1] as cost_breakdown,
      json_object_agg(k.part, k.value) filter (where k.field = 'cost_breakdown' and k.part is not null)::jsonb as cost_breakdown_parts,
      (array_agg(k.value) filter (where k.field = 'details' and k.part is null))[1] as details,
      json_object_agg(k.part, k.value) filter (where k.field = 'details' and k.part is not null)::jsonb as details_parts,
      json_object_agg(concat_ws('.', k.field, k.part), k.version) filter (where k.version is not null)::jsonb as versions
    from known k
    group by k.org_id, k.call_id
  ), joined as (
    select m.org_id, m.call_id, m.transcript, m.messages, m.caller_turns, m.summary,
      coalesce(m.analysis_parts, m.analysis) as analysis, m.cost_usd,
      coalesce(m.cost_breakdown_parts, m.cost_breakdown) as cost_breakdown, m.started_at, m.ended_at,
      m.ending ->> 'ended_reason' as ended_reason, m.ending ->> 'outcome' as outcome, m.duration_seconds, m.recording_url,
      m.forwarded_to, coalesce(m.details_parts, m.details) as details,
      -- Where parts are known, what is no object is dropped.
      nullif(m.versions - case when m.analysis_parts is null then '' else 'analysis' end
        - case when m.cost_breakdown_parts is null then '' else 'cost_breakdown' end
        - case when m.details_parts is null then '' else 'details' end, '{}') as field_versions
    from merged m
    union all
    -- Most calls have one report, which is taken as it is.
    select r.org_id, r.call_id, o.transcript, o.messages, o.caller_turns, o.summary, o.analysis, o.cost_usd,
      o.cost_breakdown, o.started_at, o.ended_at, o.ended_reason, o.outcome, o.duration_seconds, o.recording_url,
      o.forwarded_to, o.details, r.field_versions
    from reports r
    cross join lateral jsonb_populate_record(null::public.call_logs, r.report) o
    where r.number = 1 and r.version is not null
  )
  select w.org_id, w.call_id, w.provider, coalesce(least(n.account_id, w.account_id), w.account_id), w.provider_call_id,
    j.transcript, j.messages, j.caller_turns, j.summary, j.analysis, j.cost_usd, j.cost_breakdown,
    j.started_at, j.ended_at, j.ended_reason, j.outcome, j.duration_seconds, j.recording_url, j.forwarded_to,
    j.details, n.version, j.field_versions
  from wanted w
  left join (
    select r.org_id, r.call_id, max(r.newest) as version, min(r.account_id::text collate "C")::uuid as account_id
    from reports r
    group by r.org_id, r.call_id) n on n.org_id = w.org_id and n.call_id = w.call_id
  left join joined j on j.org_id = w.org_id and j.call_id = w.call_id
  order by w.org_id, w.call_id
  on conflict (org_id, id) do update set
    provider_account_id = excluded.provider_account_id,
    transcript = excluded.transcript, messages = excluded.messages, caller_turns = excluded.caller_turns,
    summary = excluded.summary, analysis = excluded.analysis,
    cost_usd = excluded.cost_usd, cost_breakdown = excluded.cost_breakdown,
    started_at = excluded.started_at, ended_at = excluded.ended_at, ended_reason = excluded.ended_reason,
    outcome = excluded.outcome, duration_seconds = excluded.duration_seconds, recording_url = excluded.recording_url,
    forwarded_to = excluded.forwarded_to, details = excluded.details,
    report_version = excluded.report_version, field_versions = excluded.field_versions,
    updated_at = now()
  where (l.report_version, l.field_versions, l.provider_account_id)
    is distinct from (excluded.report_version, excluded.field_versions, excluded.provider_account_id);
end
$$;

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

update call_ledger.schema_state set version = 96;
