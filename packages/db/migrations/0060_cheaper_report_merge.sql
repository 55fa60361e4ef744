-- Returns the agents of an account that a delivery names, with removed agents, and the rank of each name: first the
-- provider's agent ids, then its ids of our own numbers, then those numbers. Of each kind the single argument comes
-- first, then the list in `also_named`. `also_named`: {agent_ids, phone_number_ids, our_numbers}, each a list of texts,
-- or null. The function has one statement and no settings, so that Postgres inlines it into the calling statement.
create or replace function call_ledger.agents_named(
  account_id uuid, agent_id text, phone_number_id text, our_number text, also_named jsonb)
returns table (
  rank integer, by_id boolean, id uuid, org_id uuid, provider_agent_id text, created_at timestamptz, deleted_at timestamptz)
language sql stable
begin atomic
  select n.place::integer, true, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from unnest(agent_id || array(select jsonb_array_elements_text(also_named -> 'agent_ids')))
    with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.provider_agent_id = n.name
  union all
  select 1000 + n.place::integer, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from unnest(phone_number_id || array(select jsonb_array_elements_text(also_named -> 'phone_number_ids')))
    with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.provider_phone_number_id = n.name
  union all
  select 2000 + n.place::integer, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from unnest(our_number || array(select jsonb_array_elements_text(also_named -> 'our_numbers')))
    with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.phone_number = n.name;
end;

grant execute on function call_ledger.agents_named(uuid, text, text, text, jsonb) to call_ledger_definer;

-- Joins reports into the report layer. The SQL twin of mergeReports in packages/domain/src/call/report-layer.ts. The
-- caller holds the calls' locks. Each field, and each part of the analysis, the cost breakdown and the details, comes
-- from the greatest version that has it. `field_versions` has the versions that differ from the row's greatest one. A
-- call in `opened` gets its empty row even if the batch brings no report.
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
    select b.org_id, b.call_id, b.account_id, call_ledger.current_report_version(b.report_version) as version,
      null::jsonb as field_versions, b.report
    from unnest(booked) b
    where b.report_version is not null
    union all
    select l.org_id, l.id, l.provider_account_id, call_ledger.current_report_version(l.report_version),
      l.field_versions,
      case when l.report_version is not null then to_jsonb(l) end
    from wanted w
    cross join lateral (
      select * from public.call_logs l where l.org_id = w.org_id and l.id = w.call_id limit 1) l
  ), newest as (
    select org_id, call_id, max(version collate "C") as version, min(account_id::text collate "C")::uuid as account_id
    from reports group by org_id, call_id
  ), best as (
    select distinct on (r.org_id, r.call_id, f.field, f.part) r.org_id, r.call_id, f.field, f.part, f.value,
      v.version
    from reports r
    cross join lateral (
      select e.key as field, null::text as part, case e.key when 'outcome'
        then jsonb_build_object('outcome', e.value, 'ended_reason', r.report -> 'ended_reason') else e.value end as value
      from jsonb_each(r.report) e
      where e.key in ('transcript', 'messages', 'caller_turns', 'summary', 'analysis', 'cost_usd', 'cost_breakdown', 'started_at',
          'ended_at', 'outcome', 'duration_seconds', 'recording_url', 'forwarded_to', 'details')
        and jsonb_typeof(e.value) <> 'null'
        and not (e.key in ('analysis', 'cost_breakdown', 'details') and jsonb_typeof(e.value) = 'object')
      union all
      select d.field, p.key, p.value
      from (values ('analysis'), ('cost_breakdown'), ('details')) d (field)
      cross join lateral jsonb_each(
        case jsonb_typeof(r.report -> d.field) when 'object' then r.report -> d.field end) p
    ) f
    cross join lateral (
      select coalesce(r.field_versions ->> concat_ws('.', f.field, f.part), r.version) as version) v
    -- Before any version: a cost or a provider's duration of 0 is often not computed yet, a first report may lack turns,
    -- and an ending without an outcome tells less.
    order by r.org_id, r.call_id, f.field, f.part,
      case f.field when 'duration_seconds' then left(v.version, 1) end collate "C" desc,
      case f.field
        when 'duration_seconds' then f.value = '0' and v.version like 'p%'
        when 'outcome' then f.value ->> 'outcome' = 'unknown'
        when 'cost_usd' then f.value = '0'
        when 'caller_turns' then f.value = '0'
        when 'cost_breakdown' then f.value = '0'
        else false
      end,
      v.version collate "C" desc
  ), whole as (
    -- Of each field without parts there is one row. json_object_agg and a cast: jsonb_object_agg copies each string in a
    -- time that grows with all that follows it in its value.
    select b.org_id, b.call_id,
      max(b.value #>> '{}') filter (where b.field = 'transcript') as transcript,
      (array_agg(b.value) filter (where b.field = 'messages'))[1] as messages,
      max(b.value #>> '{}') filter (where b.field = 'caller_turns') as caller_turns,
      max(b.value #>> '{}') filter (where b.field = 'summary') as summary,
      max(b.value #>> '{}') filter (where b.field = 'cost_usd') as cost_usd,
      max(b.value #>> '{}') filter (where b.field = 'started_at') as started_at,
      max(b.value #>> '{}') filter (where b.field = 'ended_at') as ended_at,
      (array_agg(b.value) filter (where b.field = 'outcome'))[1] as outcome,
      max(b.value #>> '{}') filter (where b.field = 'duration_seconds') as duration_seconds,
      max(b.value #>> '{}') filter (where b.field = 'recording_url') as recording_url,
      max(b.value #>> '{}') filter (where b.field = 'forwarded_to') as forwarded_to,
      (array_agg(b.value) filter (where b.field = 'analysis' and b.part is null))[1] as analysis,
      json_object_agg(b.part, b.value) filter (where b.field = 'analysis' and b.part is not null)::jsonb as analysis_parts,
      (array_agg(b.value) filter (where b.field = 'cost_breakdown' and b.part is null))[1] as cost_breakdown,
      json_object_agg(b.part, b.value) filter (where b.field = 'cost_breakdown' and b.part is not null)::jsonb as cost_breakdown_parts,
      (array_agg(b.value) filter (where b.field = 'details' and b.part is null))[1] as details,
      json_object_agg(b.part, b.value) filter (where b.field = 'details' and b.part is not null)::jsonb as details_parts,
      jsonb_object_agg(concat_ws('.', b.field, b.part), b.version) filter (where b.version <> n.version) as versions
    from best b
    join newest n on n.org_id = b.org_id and n.call_id = b.call_id
    group by b.org_id, b.call_id
  )
  select w.org_id, w.call_id, w.provider, coalesce(least(n.account_id, w.account_id), w.account_id), w.provider_call_id,
    f.transcript, f.messages, f.caller_turns::integer, f.summary, coalesce(f.analysis_parts, f.analysis),
    f.cost_usd::numeric, coalesce(f.cost_breakdown_parts, f.cost_breakdown),
    f.started_at::timestamptz, f.ended_at::timestamptz, f.outcome ->> 'ended_reason', f.outcome ->> 'outcome',
    f.duration_seconds::integer, f.recording_url, f.forwarded_to, coalesce(f.details_parts, f.details), n.version,
    -- Where parts are known, what is no object is dropped.
    nullif(f.versions - case when f.analysis_parts is null then '' else 'analysis' end
      - case when f.cost_breakdown_parts is null then '' else 'cost_breakdown' end
      - case when f.details_parts is null then '' else 'details' end, '{}')
  from wanted w
  left join newest n on n.org_id = w.org_id and n.call_id = w.call_id
  left join whole f on f.org_id = w.org_id and f.call_id = w.call_id
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

update call_ledger.schema_state set version = 61;
