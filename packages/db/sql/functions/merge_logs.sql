-- Joins reports into the report layer; the SQL twin of mergeReports in packages/domain/src/call/report-layer.ts.
-- The caller holds the calls' locks. Each section is taken from the greatest version that has it.
-- A call in `opened` gets its empty row even where the batch brings no report.
create or replace function call_ledger.merge_logs(booked call_ledger.booked_event[], opened uuid[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.call_logs as l (
    org_id, id, provider, provider_account_id, provider_call_id,
    transcript, messages, summary, analysis, cost_usd, cost_breakdown,
    started_at, ended_at, ended_reason, outcome, duration_seconds, recording_url,
    report_version, conversation_version, analysis_version, cost_version, times_version, recording_version)
  with wanted as (
    select b.org_id, b.call_id, min(b.provider) as provider, min(b.account_id::text collate "C")::uuid as account_id,
      min(b.provider_call_id) as provider_call_id
    from unnest(booked) b
    group by b.org_id, b.call_id
    having bool_or(b.report_version is not null) or b.call_id = any (opened)
  ), said as (
    select b.org_id, b.call_id, b.account_id, b.report_version, r.*,
      case when num_nonnulls(r.transcript, r.messages) > 0
        then b.report_version end as conversation_version,
      case when num_nonnulls(r.summary, r.analysis) > 0
        then b.report_version end as analysis_version,
      case when num_nonnulls(r.cost_usd, r.cost_breakdown) > 0
        then b.report_version end as cost_version,
      case when num_nonnulls(r.started_at, r.ended_at, r.outcome, r.duration_seconds) > 0
        then b.report_version end as times_version,
      case when r.recording_url is not null then b.report_version end as recording_version
    from unnest(booked) b
    cross join lateral jsonb_to_record(b.report) as r (
      transcript text, messages jsonb, summary text, analysis jsonb, cost_usd numeric, cost_breakdown jsonb,
      started_at timestamptz, ended_at timestamptz, ended_reason text, outcome text, duration_seconds integer,
      recording_url text)
    where b.report_version is not null
    union all
    select l.org_id, l.id, l.provider_account_id, l.report_version,
      l.transcript, l.messages, l.summary, l.analysis, l.cost_usd, l.cost_breakdown,
      l.started_at, l.ended_at, l.ended_reason, l.outcome, l.duration_seconds, l.recording_url,
      l.conversation_version, l.analysis_version, l.cost_version, l.times_version, l.recording_version
    from wanted w
    cross join lateral (
      select * from public.call_logs l where l.org_id = w.org_id and l.id = w.call_id limit 1) l
  ), conversation as (
    select distinct on (org_id, call_id) org_id, call_id, transcript, messages, conversation_version
    from said where conversation_version is not null
    order by org_id, call_id, conversation_version collate "C" desc
  ), analysis as (
    select distinct on (org_id, call_id) org_id, call_id, summary, analysis, analysis_version
    from said where analysis_version is not null
    order by org_id, call_id, analysis_version collate "C" desc
  ), cost as (
    select distinct on (org_id, call_id) org_id, call_id, cost_usd, cost_breakdown, cost_version
    from said where cost_version is not null
    order by org_id, call_id, cost_version collate "C" desc
  ), times as (
    select distinct on (org_id, call_id)
      org_id, call_id, started_at, ended_at, ended_reason, outcome, duration_seconds, times_version
    from said where times_version is not null
    order by org_id, call_id, times_version collate "C" desc
  ), recording as (
    select distinct on (org_id, call_id) org_id, call_id, recording_url, recording_version
    from said where recording_version is not null
    order by org_id, call_id, recording_version collate "C" desc
  ), newest as (
    select org_id, call_id, max(report_version collate "C") as report_version,
      min(account_id::text collate "C")::uuid as account_id
    from said group by org_id, call_id
  )
  select w.org_id, w.call_id, w.provider, coalesce(least(n.account_id, w.account_id), w.account_id), w.provider_call_id,
    v.transcript, v.messages, a.summary, a.analysis, c.cost_usd, c.cost_breakdown,
    t.started_at, t.ended_at, t.ended_reason, t.outcome, t.duration_seconds, r.recording_url,
    n.report_version, v.conversation_version, a.analysis_version, c.cost_version, t.times_version, r.recording_version
  from wanted w
  left join newest n on n.org_id = w.org_id and n.call_id = w.call_id
  left join conversation v on v.org_id = w.org_id and v.call_id = w.call_id
  left join analysis a on a.org_id = w.org_id and a.call_id = w.call_id
  left join cost c on c.org_id = w.org_id and c.call_id = w.call_id
  left join times t on t.org_id = w.org_id and t.call_id = w.call_id
  left join recording r on r.org_id = w.org_id and r.call_id = w.call_id
  order by w.org_id, w.call_id
  on conflict (org_id, id) do update set
    provider_account_id = excluded.provider_account_id,
    transcript = excluded.transcript, messages = excluded.messages, conversation_version = excluded.conversation_version,
    summary = excluded.summary, analysis = excluded.analysis, analysis_version = excluded.analysis_version,
    cost_usd = excluded.cost_usd, cost_breakdown = excluded.cost_breakdown, cost_version = excluded.cost_version,
    started_at = excluded.started_at, ended_at = excluded.ended_at, ended_reason = excluded.ended_reason,
    outcome = excluded.outcome, duration_seconds = excluded.duration_seconds, times_version = excluded.times_version,
    recording_url = excluded.recording_url, recording_version = excluded.recording_version,
    report_version = excluded.report_version,
    updated_at = now()
  where (l.report_version, l.conversation_version, l.analysis_version, l.cost_version, l.times_version,
         l.recording_version, l.provider_account_id)
    is distinct from
        (excluded.report_version, excluded.conversation_version, excluded.analysis_version, excluded.cost_version,
         excluded.times_version, excluded.recording_version, excluded.provider_account_id);
end
$$;
