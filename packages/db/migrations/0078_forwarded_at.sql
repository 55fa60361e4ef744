-- Of two destinations of a call, the one that was said later counts.
alter type call_ledger.incoming_event add attribute forwarded_at timestamptz;
alter type call_ledger.booked_event add attribute forwarded_at timestamptz;
-- Every function that takes these types is created anew: sessions that run keep no plan from before.

-- Returns the places of the events that are claimed already and bring nothing new, without a lock. This is correct,
-- because equal event ids mean equal effects, and a visible claim was committed with its effects. Repetitions with a
-- fresher recording source, and those whose reply names the agent, are not returned.
create or replace function call_ledger.already_booked(batch call_ledger.incoming_event[]) returns integer[]
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return (
  select coalesce(array_agg(e.ord), '{}')
  from unnest(batch) e
  cross join lateral (
    select r.org_id from public.call_routes r
    where r.provider_account_id = e.account_id and r.provider_call_id = e.provider_call_id limit 1) r
  cross join lateral (
    select 1 from public.processed_webhook_events p
    where p.org_id = r.org_id and p.event_id = e.event_id limit 1) p
  where not coalesce(e.wants_agent, false) and not exists (
    select from jsonb_to_recordset(e.recordings) as n (
      channel text, source_url text, source_expires_at timestamptz)
    cross join lateral (
      select c.id from public.calls c
      where c.org_id = r.org_id and c.provider = e.provider and c.provider_call_id = e.provider_call_id limit 1) c
    left join lateral (
      select q.status, q.source_url, q.source_expires_at from public.recording_upload_queue q
      where q.org_id = r.org_id and q.call_id = c.id and q.channel = n.channel limit 1) q on true
    where q.status is distinct from 'stored'
      and call_ledger.newer_source(q.source_url, q.source_expires_at, n.source_url, n.source_expires_at)));
end
$$;

-- Returns whether every event of a document (as for record_deliveries) is booked already and brings nothing new. Only
-- reads.
create or replace function call_ledger.are_booked(document jsonb) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
  return (
    select cardinality(call_ledger.already_booked(array_agg(e order by e.ord))) = count(*)
    from jsonb_populate_recordset(null::call_ledger.incoming_event, document) e);
end
$$;

-- Locks the routes of a batch and finds the organization of each event: the one in the route, else the owner of the
-- account, else the owner of the first registered agent that the delivery names (agents_named). The first
-- booking decides. An agent that was the route's organization's when the call was first booked counts as its agent, even
-- if it was moved since. Evidence for another organization, or for two at once, gives organization_conflict; so does a
-- first delivery from a time when another organization had the agent. All results are arrays by place in the batch. With
-- `lock`, routes are first created and locked in order.
create or replace function call_ledger.find_organizations(
  batch call_ledger.incoming_event[], settled integer[], lock boolean,
  out orgs uuid[], out reasons text[], out agent_ids uuid[], out agent_names text[], out evidences smallint[])
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  learned boolean;  -- whose call it is was not known of all of them
begin
  if lock then
    insert into public.call_routes (provider_account_id, provider_call_id)
    select distinct e.account_id, e.provider_call_id
    from unnest(batch) e
    where e.refusal is null and not e.ord = any (settled)
    order by 1, 2
    on conflict do nothing;

    perform r.org_id
    from (
      select distinct e.account_id, e.provider_call_id
      from unnest(batch) e
      where e.refusal is null and not e.ord = any (settled)
      order by 1, 2) k
    cross join lateral (
      select r.org_id from public.call_routes r
      where r.provider_account_id = k.account_id and r.provider_call_id = k.provider_call_id
      for no key update of r) r;
  end if;

  with seen as (
    select e.ord, e.account_id, e.provider_call_id, e.refusal, r.org_id as route_org,
      e.ord = any (settled) as is_settled,
      coalesce(e.agent_id, n.agent_id) as agent_id,
      n.agent_name,
      case when e.agent_id is not null or n.by_id then 2 when n.agent_id is not null then 1 end as evidence,
      coalesce(e.org_id, a.org_id, n.orgs[1]) as named_org,
      array[e.org_id, a.org_id] || n.orgs
        -- A person, or the comparison with the provider, has decided about the others.
        || case when r.org_id is null and e.org_id is null and e.event_type <> 'reconciled-call' then n.earlier_orgs end
        as named_orgs
    from unnest(batch) e
    left join lateral (
      select r.org_id from public.call_routes r
      where r.provider_account_id = e.account_id and r.provider_call_id = e.provider_call_id limit 1) r on true
    left join lateral (
      select a.org_id from public.provider_accounts a where a.id = e.account_id limit 1) a on true
    cross join lateral (
      select least(e.occurred_at, (e.report ->> 'started_at')::timestamptz) as said_at) s
    cross join lateral (
      select (array_agg(n.id order by n.rank) filter (where n.counts))[1] as agent_id,
        (array_agg(n.provider_agent_id order by n.rank) filter (where n.counts))[1] as agent_name,
        (array_agg(n.by_id order by n.rank) filter (where n.counts))[1] as by_id,
        array_agg(n.org_id order by n.rank) filter (where n.counts) as orgs,
        array_agg(n.org_id) filter (where n.is_earlier) as earlier_orgs
      from (
        -- Of each name the agent that counts comes first.
        select n.*, row_number() over (partition by n.rank order by n.place) = 1 and n.place < 3 as counts,
          s.said_at between n.created_at and n.deleted_at
            and s.said_at < max(n.created_at) filter (where n.deleted_at is null) over (partition by n.rank) as is_earlier
        from (
          select n.*, case
            when n.deleted_at is null and n.org_id is not distinct from r.org_id then 0
            when n.deleted_at is not null and exists (
              select from public.calls c
              where c.org_id = r.org_id and c.org_id = n.org_id and c.provider = e.provider
                and c.provider_call_id = e.provider_call_id and c.created_at between n.created_at and n.deleted_at) then 1
            when n.deleted_at is null then 2
            else 3
          end as place
          from call_ledger.agents_named(
            e.account_id, e.provider_agent_id, e.provider_phone_number_id, e.our_number, e.also_named) n) n) n) n
  ), judged as (
    select s.*, exists (
      select from unnest(s.named_orgs) o where o <> s.named_org) as torn
    from seen s
  ), routed as (
    select j.*, coalesce(j.route_org, first_value(case when not j.torn then j.named_org end) over (
      partition by j.account_id, j.provider_call_id
      order by (j.torn or j.named_org is null), j.ord)) as org
    from judged j
  ), decided as (
    select r.*,
      case
        when r.refusal is not null then r.refusal
        when r.is_settled then null
        when r.torn or r.named_org <> r.org then 'organization_conflict'
        when r.org is null then 'unknown_agent'
      end as reason
    from routed r
  )
  select
    array_agg(case when d.reason is null and not d.is_settled then d.org end order by d.ord),
    array_agg(d.reason order by d.ord),
    array_agg(case when d.reason is null then d.agent_id end order by d.ord),
    array_agg(case when d.reason is null then d.agent_name end order by d.ord),
    array_agg(case when d.reason is null then d.evidence::smallint end order by d.ord),
    bool_or(d.route_org is null and d.reason is null)
  into orgs, reasons, agent_ids, agent_names, evidences, learned
  from decided d;

  if learned then
    update public.call_routes r set org_id = k.org_id
    from (
      select distinct e.account_id, e.provider_call_id, orgs[e.ord] as org_id
      from unnest(batch) e
      where orgs[e.ord] is not null) k
    where r.provider_account_id = k.account_id and r.provider_call_id = k.provider_call_id and r.org_id is null;
  end if;
end
$$;

-- Creates and locks the calls of a batch, in order, after its routes, and returns call ids by place in the batch. The
-- worker and the SQL API lock the same rows. A call that comes over two accounts has two routes but one row. `opened`
-- names the calls whose report row has to be written although no report came: new calls, and calls that are now known
-- under a lesser account. A call that is fetched long after its end gets its end as the time when it was first seen.
-- Calls without a start are sorted and counted by that time, which must not be the time of the repair.
create or replace function call_ledger.lock_calls(
  batch call_ledger.incoming_event[], orgs uuid[], out call_ids uuid[], out opened uuid[])
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  created uuid[];
begin
  with inserted as (
    insert into public.calls (org_id, id, provider, provider_account_id, provider_call_id, created_at)
    select k.org_id, call_ledger.new_call_id(), k.provider, k.account_id, k.provider_call_id, least(k.ended_at, now())
    from (
      select orgs[e.ord] as org_id, e.provider, e.provider_call_id, min(e.account_id::text collate "C")::uuid as account_id,
        min((e.report ->> 'ended_at')::timestamptz) filter (where e.event_type = 'reconciled-call') as ended_at
      from unnest(batch) e
      where orgs[e.ord] is not null
      group by 1, 2, 3
      order by 1, 2, 3) k
    where not exists (
      select from public.calls c
      where c.org_id = k.org_id and c.provider = k.provider and c.provider_call_id = k.provider_call_id)
    on conflict (org_id, provider, provider_call_id) do nothing
    returning id
  )
  select array_agg(i.id) into created from inserted i;

  with locked as materialized (
    select k.org_id, k.provider, k.provider_call_id, c.id,
      k.account_id::text collate "C" < c.provider_account_id::text collate "C" as lowers_account
    from (
      select orgs[e.ord] as org_id, e.provider, e.provider_call_id, min(e.account_id::text collate "C")::uuid as account_id
      from unnest(batch) e
      where orgs[e.ord] is not null
      group by 1, 2, 3
      order by 1, 2, 3) k
    cross join lateral (
      select c.id, c.provider_account_id from public.calls c
      where c.org_id = k.org_id and c.provider = k.provider and c.provider_call_id = k.provider_call_id
      for no key update of c) c
  )
  select array_agg(l.id order by e.ord),
    created || array_agg(l.id) filter (where l.lowers_account)
    into call_ids, opened
  from unnest(batch) e
  left join locked l
    on l.org_id = orgs[e.ord] and l.provider = e.provider and l.provider_call_id = e.provider_call_id;
end
$$;

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
        then jsonb_build_object('outcome', e.value, 'ended_reason', r.report -> 'ended_reason') else e.value end as value
      from jsonb_each(r.report) e
      where e.key in ('transcript', 'messages', 'caller_turns', 'summary', 'analysis', 'cost_usd', 'cost_breakdown', 'started_at',
          'ended_at', 'outcome', 'duration_seconds', 'recording_url', 'forwarded_to', 'details')
        and jsonb_typeof(e.value) <> 'null'
        and not (e.key in ('analysis', 'cost_breakdown', 'details') and jsonb_typeof(e.value) = 'object')
      union all
      select d.field, p.key, k.key, coalesce(k.value, p.value)
      from (values ('analysis'), ('cost_breakdown'), ('details')) d (field)
      cross join lateral jsonb_each(
        case jsonb_typeof(r.report -> d.field) when 'object' then r.report -> d.field end) p
      left join lateral jsonb_each(
        case when jsonb_typeof(p.value) = 'object' and p.key in ('structuredData', 'structuredOutputs', 'scorecards',
          'variableValues', 'metadata', 'customer', 'compliance', 'transport', 'analysisCostBreakdown') then p.value end) k on true
    ) f
    cross join lateral (
      select r.field_versions -> concat_ws('.', f.field, f.part) as known) s
    cross join lateral (
      select coalesce(
        case jsonb_typeof(s.known) when 'object' then s.known ->> f.key else s.known #>> '{}' end, r.version) as version) v
    where r.number > 1
    -- Before any version: a value under a key that says nothing, a cost or a provider's duration of 0, which is often not
    -- computed yet, the turns of a first report, and an ending without an outcome tell less.
    order by r.org_id, r.call_id, f.field, f.part, f.key,
      case f.field when 'duration_seconds' then left(v.version, 1) end collate "C" desc,
      case when f.key is not null then call_ledger.says_under(f.part, f.value) end desc,
      case f.field
        when 'duration_seconds' then f.value = '0' and v.version like 'p%'
        when 'outcome' then f.value ->> 'outcome' = 'unknown'
        when 'cost_usd' then f.value = '0'
        when 'caller_turns' then f.value = '0'
        when 'cost_breakdown' then f.value = '0'
        else false
      end,
      v.version collate "C" desc
  ), known as (
    -- json_object_agg and a cast: jsonb_object_agg copies each string in a time that grows with all that follows it in
    -- its value. Where keys are known, a value that is no object is dropped.
    select b.org_id, b.call_id, b.field, b.part,
      coalesce(json_object_agg(b.key, b.value) filter (where b.key is not null)::jsonb, (array_agg(b.value))[1]) as value,
      case
        when min(b.version collate "C") filter (where b.key is not null)
          <> max(b.version collate "C") filter (where b.key is not null)
        then jsonb_object_agg(b.key, b.version) filter (where b.key is not null and b.version <> b.newest)
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
      jsonb_object_agg(concat_ws('.', k.field, k.part), k.version) filter (where k.version is not null) as versions
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

-- Joins events into the live layer. The SQL twin of mergeLive in packages/domain/src/call/live-layer.ts. The caller
-- holds the calls' locks. The existing row is aggregated like an event, so there is one rule: a fact comes from the
-- most trusted source that has it. `fact_versions` has the versions that are not the provider's.
create or replace function call_ledger.merge_tracking(booked call_ledger.booked_event[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.call_tracking as t (
    org_id, id, provider, provider_account_id, provider_call_id, phase, ringing_at, answered_at, ended_at,
    ended_reason, outcome, ended_rank, caller_heard, agent_id, agent_evidence, agent_seen_at,
    direction, customer_number, our_number, customer_name, forwarded_to, carrier_call_id, lead_id, metadata, fact_versions)
  with said as (
    select b.org_id, b.call_id, b.account_id, b.provider, b.provider_call_id,
      -- A report is about a call that has ended, whether its end was told or not.
      case when b.report_version is null then b.phase else 'ended' end as phase,
      case when b.phase = 'ringing' then b.merged_at end as ringing_at,
      case when b.phase = 'in_progress' then b.merged_at end as answered_at,
      case when b.phase = 'ended' then b.merged_at end as ended_at,
      b.ended_reason, b.outcome, b.ended_rank, coalesce(b.caller_heard, false) as caller_heard, b.agent_id, b.agent_evidence, b.merged_at as agent_seen_at,
      nullif(b.direction, 'unknown') as direction, b.customer_number, b.our_number,
      b.customer_name, b.forwarded_to, b.carrier_call_id, b.lead_id, b.metadata,
      coalesce(b.source, 'p') as source,
      -- Of two destinations the later one counts.
      case when b.forwarded_to is null or b.forwarded_at is null then '{}' else jsonb_build_object('forwarded_to',
        coalesce(b.source, 'p') || lpad((extract(epoch from b.forwarded_at) * 1000)::bigint::text, 13, '0')) end as versions
    from unnest(booked) b
    union all
    select t.org_id, t.id, t.provider_account_id, t.provider, t.provider_call_id, t.phase,
      t.ringing_at, t.answered_at, t.ended_at, t.ended_reason, t.outcome, t.ended_rank, t.caller_heard,
      t.agent_id, t.agent_evidence, t.agent_seen_at, nullif(t.direction, 'unknown'), t.customer_number, t.our_number,
      t.customer_name, t.forwarded_to, t.carrier_call_id, t.lead_id, t.metadata, 'p', coalesce(t.fact_versions, '{}')
    from (select distinct b.org_id, b.call_id from unnest(booked) b) k
    cross join lateral (
      select * from public.call_tracking t where t.org_id = k.org_id and t.id = k.call_id limit 1) t
  ), ending as (
    select distinct on (org_id, call_id) org_id, call_id, ended_reason, outcome, ended_rank
    from said
    where ended_rank is not null
    order by org_id, call_id, ended_rank desc, coalesce(ended_reason, '') collate "C" desc, outcome collate "C" desc
  ), agent as (
    select distinct on (org_id, call_id) org_id, call_id, agent_id, agent_evidence, agent_seen_at,
      coalesce(versions ->> 'agent_id', source) as version
    from said
    where agent_id is not null
    order by org_id, call_id, agent_evidence desc, coalesce(versions ->> 'agent_id', source) collate "C" desc,
      agent_seen_at asc nulls last, agent_id desc
  ), joined as (
    -- A fact is compared as the list of what it is compared by, and stands at the end of it.
    select org_id, call_id,
      min(provider) as provider, min(account_id::text collate "C")::uuid as account_id,
      min(provider_call_id) as provider_call_id, max(phase) as phase, bool_or(caller_heard) as caller_heard,
      (array_agg(ringing_at order by coalesce(versions ->> 'ringing_at', source) collate "C" desc, ringing_at)
        filter (where ringing_at is not null))[1] as ringing_at,
      max(coalesce(versions ->> 'ringing_at', source) collate "C") filter (where ringing_at is not null) as ringing_version,
      (array_agg(answered_at order by coalesce(versions ->> 'answered_at', source) collate "C" desc, answered_at)
        filter (where answered_at is not null))[1] as answered_at,
      max(coalesce(versions ->> 'answered_at', source) collate "C") filter (where answered_at is not null) as answered_version,
      (array_agg(ended_at order by coalesce(versions ->> 'ended_at', source) collate "C" desc, ended_at)
        filter (where ended_at is not null))[1] as ended_at,
      max(coalesce(versions ->> 'ended_at', source) collate "C") filter (where ended_at is not null) as ended_version,
      max(array[coalesce(versions ->> 'direction', source), direction] collate "C")
        filter (where direction is not null) as direction,
      max(array[call_ledger.telephone_rank(customer_number), coalesce(versions ->> 'customer_number', source),
        customer_number] collate "C") filter (where customer_number is not null) as customer_number,
      max(array[call_ledger.telephone_rank(our_number), coalesce(versions ->> 'our_number', source),
        our_number] collate "C") filter (where our_number is not null) as our_number,
      max(array[coalesce(versions ->> 'customer_name', source), customer_name] collate "C")
        filter (where customer_name is not null) as customer_name,
      max(array[coalesce(versions ->> 'forwarded_to', source), call_ledger.telephone_rank(forwarded_to),
        forwarded_to] collate "C") filter (where forwarded_to is not null) as forwarded_to,
      max(array[coalesce(versions ->> 'carrier_call_id', source), carrier_call_id] collate "C")
        filter (where carrier_call_id is not null) as carrier_call_id,
      max(array[coalesce(versions ->> 'lead_id', source), lead_id::text] collate "C")
        filter (where lead_id is not null) as lead_id,
      max(array[coalesce(versions ->> 'metadata', source), metadata::text] collate "C")
        filter (where metadata is not null) as metadata
    from said
    group by org_id, call_id
  )
  select j.org_id, j.call_id, j.provider, j.account_id, j.provider_call_id, j.phase,
    j.ringing_at, j.answered_at, j.ended_at, e.ended_reason, e.outcome, e.ended_rank, j.caller_heard,
    a.agent_id, a.agent_evidence, a.agent_seen_at,
    coalesce(j.direction[2], 'unknown'), j.customer_number[3], j.our_number[3],
    j.customer_name[2], j.forwarded_to[3], j.carrier_call_id[2], j.lead_id[2]::uuid, j.metadata[2]::jsonb,
    (select jsonb_object_agg(v.key, v.value)
     from jsonb_each_text(jsonb_build_object(
       'ringing_at', j.ringing_version, 'answered_at', j.answered_version, 'ended_at', j.ended_version,
       'agent_id', a.version, 'direction', j.direction[1], 'customer_number', j.customer_number[2],
       'our_number', j.our_number[2], 'customer_name', j.customer_name[1], 'forwarded_to', j.forwarded_to[1],
       'carrier_call_id', j.carrier_call_id[1], 'lead_id', j.lead_id[1], 'metadata', j.metadata[1])) v
     where v.value <> 'p')
  from joined j
  left join ending e on e.org_id = j.org_id and e.call_id = j.call_id
  left join agent a on a.org_id = j.org_id and a.call_id = j.call_id
  order by j.org_id, j.call_id
  on conflict (org_id, id) do update set
    provider_account_id = excluded.provider_account_id,
    phase = excluded.phase,
    ringing_at = excluded.ringing_at,
    answered_at = excluded.answered_at,
    ended_at = excluded.ended_at,
    ended_reason = excluded.ended_reason,
    outcome = excluded.outcome,
    ended_rank = excluded.ended_rank,
    caller_heard = excluded.caller_heard,
    agent_id = excluded.agent_id,
    agent_evidence = excluded.agent_evidence,
    agent_seen_at = excluded.agent_seen_at,
    direction = excluded.direction,
    customer_number = excluded.customer_number,
    our_number = excluded.our_number,
    customer_name = excluded.customer_name,
    forwarded_to = excluded.forwarded_to,
    carrier_call_id = excluded.carrier_call_id,
    lead_id = excluded.lead_id,
    metadata = excluded.metadata,
    fact_versions = excluded.fact_versions,
    updated_at = now()
  where (t.provider_account_id, t.phase, t.ringing_at, t.answered_at, t.ended_at, t.ended_reason, t.outcome,
         t.ended_rank, t.caller_heard, t.agent_id, t.agent_evidence, t.agent_seen_at, t.direction, t.customer_number, t.our_number,
         t.customer_name, t.forwarded_to, t.carrier_call_id, t.lead_id, t.metadata, t.fact_versions)
    is distinct from
        (excluded.provider_account_id, excluded.phase, excluded.ringing_at, excluded.answered_at, excluded.ended_at,
         excluded.ended_reason, excluded.outcome, excluded.ended_rank, excluded.caller_heard, excluded.agent_id, excluded.agent_evidence,
         excluded.agent_seen_at, excluded.direction, excluded.customer_number, excluded.our_number,
         excluded.customer_name, excluded.forwarded_to, excluded.carrier_call_id, excluded.lead_id, excluded.metadata, excluded.fact_versions);
end
$$;

-- Stores verified deliveries that could not be booked: the translated events, so that SQL can book them later, and the
-- payload. Equal content is stored once. A delivery that is about no call does not wait: it is stored as replayed.
-- `reasons` is indexed by the events' place in the batch, null for booked ones.
create or replace function call_ledger.quarantine_deliveries(
  batch call_ledger.incoming_event[], reasons text[], document jsonb, payloads bytea[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.quarantined_deliveries (
    provider, provider_account_id, reason, detail, event_type, provider_call_id,
    provider_agent_id, provider_phone_number_id, our_number, also_named, content_key, events, payload, received_at, replayed_at)
  select distinct on (first.account_id, first.content_key)
    first.provider, first.account_id, reasons[first.ord], first.detail, first.event_type, first.provider_call_id,
    first.provider_agent_id, first.provider_phone_number_id, first.our_number, first.also_named, first.content_key,
    said.events, payloads[first.delivery], first.received_at,
    case when not first.waits then now() end
  from unnest(batch) first
  cross join lateral (
    -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
    select json_agg(document -> (e.ord - 1) order by e.ord) filter (where e.event_id is not null)::jsonb as events
    from unnest(batch) e
    where e.delivery = first.delivery) said
  where first.leads and reasons[first.ord] is not null
  order by first.account_id, first.content_key, first.ord
  on conflict (provider_account_id, content_key) do nothing;
end
$$;

-- Books the events of N deliveries: claims, merges, queues and summarises them in one transaction, one round trip.
--
-- document: a JSON array of call_ledger.incoming_event; payloads: one for each delivery, by its number. Returns one row
-- for each event of the document: applied, observed, duplicate or quarantined (with the reason), and the provider's id
-- of the agent that was found.
--
-- Locks are taken first and in one order: routes by account and call, then calls by organization, provider and call.
-- Every later statement takes a snapshot after the locks. One statement of CTEs would share one snapshot and lose
-- updates.
create or replace function public.record_deliveries(document jsonb, payloads bytea[])
returns table (ord integer, outcome text, reason text, provider_agent_id text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  batch call_ledger.incoming_event[];
  asked constant integer := jsonb_array_length(document);
  settled integer[];      -- places of events that are known to be booked already
  orgs uuid[];            -- by place: the organization, null where there is none or it conflicts
  reasons text[];         -- by place: why it is not bookable
  agent_ids uuid[];
  agent_names text[];     -- by place: the provider's id of that agent
  evidences smallint[];
  call_ids uuid[];
  won integer[];          -- places of the events that were claimed here
  opened uuid[];          -- calls whose report row has to be written even without a report
  booked call_ledger.booked_event[];
  reported boolean;       -- a report is among them
  transcribed boolean;    -- a transcript segment is
  prompted boolean;       -- prompts came with the batch
  pulled call_ledger.waiting_deliveries;
  pass integer;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'record_deliveries needs READ COMMITTED, found %',
      current_setting('transaction_isolation') using errcode = '25001';
  end if;

  select array_agg(e order by e.ord) into batch
  from jsonb_populate_recordset(null::call_ledger.incoming_event, document) e;
  if batch is null then return; end if;

  settled := call_ledger.already_booked(batch);
  if cardinality(settled) = asked then
    return query select s, 'duplicate', null::text, null::text from unnest(settled) s;
    return;
  end if;

  for pass in 1..2 loop
    select f.orgs, f.reasons, f.agent_ids, f.agent_names, f.evidences
      into orgs, reasons, agent_ids, agent_names, evidences
    from call_ledger.find_organizations(batch, settled, pass = 1) f;
    exit when pass = 2;
    pulled := call_ledger.waiting_deliveries_of(batch, orgs, asked, cardinality(payloads));
    exit when pulled.events is null;
    document := document || pulled.events;
    payloads := payloads || pulled.payloads;
    select array_agg(e order by e.ord) into batch
    from jsonb_populate_recordset(null::call_ledger.incoming_event, document) e;
  end loop;

  select b.call_ids, b.opened into call_ids, opened from call_ledger.lock_calls(batch, orgs) b;

  with claimed as (
    insert into public.processed_webhook_events (
      org_id, event_id, event_type, phase, details, provider, provider_call_id, provider_delivery_id,
      occurred_at, received_at, payload)
    select distinct on (orgs[e.ord], e.event_id)
      orgs[e.ord], e.event_id, e.event_type, e.phase, e.details, e.provider, e.provider_call_id, e.provider_delivery_id,
      e.occurred_at, e.received_at, case when e.leads then payloads[e.delivery] end
    from unnest(batch) e
    where orgs[e.ord] is not null
    order by orgs[e.ord], e.event_id, e.ord
    on conflict (org_id, event_id) do nothing
    returning org_id, event_id
  )
  select coalesce(array_agg(f.ord), '{}') into won
  from (
    select distinct on (orgs[e.ord], e.event_id) e.ord, orgs[e.ord] as org_id, e.event_id
    from unnest(batch) e
    where orgs[e.ord] is not null
    order by orgs[e.ord], e.event_id, e.ord) f
  join claimed c on c.org_id = f.org_id and c.event_id = f.event_id;

  if cardinality(won) > 0 then
    select array_agg((
        orgs[e.ord], call_ids[e.ord], e.account_id, e.provider, e.provider_call_id, e.event_id, e.kind,
        e.occurred_at, e.merged_at, e.phase, e.ended_reason, e.outcome, e.ended_rank,
        agent_ids[e.ord], evidences[e.ord], e.direction, e.customer_number, e.our_number,
        e.report_version, e.report, e.segment_role, e.segment_text, e.lead_id, e.metadata, e.source,
        e.customer_name, e.forwarded_to, e.carrier_call_id, e.caller_heard, e.forwarded_at
      )::call_ledger.booked_event order by e.ord),
      bool_or(e.report_version is not null), bool_or(e.segment_text is not null), bool_or(e.prompts is not null)
      into booked, reported, transcribed, prompted
    from unnest(batch) e
    where e.ord = any (won);

    perform call_ledger.merge_tracking(booked);
    -- A statement costs its setting up even where it finds nothing to do.
    if prompted then
      perform call_ledger.keep_prompts(array_agg(orgs[e.ord]), array_agg(call_ids[e.ord]), array_agg(e.prompts))
      from unnest(batch) e
      where e.ord = any (won) and e.prompts is not null;
    end if;
    if reported or cardinality(opened) > 0 then
      perform call_ledger.merge_logs(booked, opened);
    end if;
    if transcribed then
      insert into public.call_transcripts (org_id, call_id, fingerprint, role, text, occurred_at)
      select b.org_id, b.call_id, split_part(b.event_id, ':', 2), b.segment_role, b.segment_text, b.occurred_at
      from unnest(booked) b
      where b.segment_text is not null
      on conflict do nothing;
    end if;
  end if;

  perform call_ledger.queue_recordings(
    array_agg(orgs[e.ord]), array_agg(call_ids[e.ord]), array_agg(e.recordings))
  from unnest(batch) e
  where orgs[e.ord] is not null and e.recordings is not null
  having count(*) > 0;

  if cardinality(won) > 0 then
    perform call_ledger.summarize_calls(array_agg(b.org_id), array_agg(b.call_id))
    from unnest(booked) b;
  end if;

  if num_nonnulls(variadic reasons) > 0 then
    perform call_ledger.quarantine_deliveries(batch, reasons, document, payloads);
  end if;
  if pulled.ids is not null then
    update public.quarantined_deliveries q set
      reason = coalesce(reasons[p.leader], q.reason),
      replayed_at = case when reasons[p.leader] is null then now() end,
      payload = case when reasons[p.leader] is not null then q.payload end
    from unnest(pulled.ids, pulled.leaders) as p (id, leader)
    where q.id = p.id;
  end if;

  return query
  select e.ord,
    case
      when not e.waits then 'observed'
      when reasons[e.ord] is not null then 'quarantined'
      when not e.ord = any (won) then 'duplicate'
      when e.speaks then 'applied'
      else 'observed'
    end,
    reasons[e.ord],
    agent_names[e.ord]
  from unnest(batch) e
  where e.ord <= asked
  order by e.ord;
end
$$;

-- Returns the quarantined deliveries of the calls whose organization a batch knows, as events that follow it. No
-- delivery can be added meanwhile, because the quarantine of a delivery needs the lock of its call's route.
create or replace function call_ledger.waiting_deliveries_of(
  batch call_ledger.incoming_event[], orgs uuid[], events_before integer, deliveries_before integer)
returns call_ledger.waiting_deliveries
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return (
  with waiting as (
    select q.id, q.events, q.payload,
      (row_number() over (order by q.received_at, q.id))::integer as place
    from (
      select distinct e.account_id, e.provider_call_id, orgs[e.ord] as org_id
      from unnest(batch) e
      where orgs[e.ord] is not null) k
    cross join lateral (
      select q.id, q.events, q.payload, q.received_at from public.quarantined_deliveries q
      where q.provider_account_id = k.account_id and q.provider_call_id = k.provider_call_id
        and q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
        and call_ledger.may_book_named(k.org_id, k.account_id, q.provider_agent_id, q.provider_phone_number_id,
          q.our_number, q.also_named, q.received_at)) q
  ), said as (
    select w.place, i.value as event,
      events_before + (row_number() over (order by w.place, i.ordinality))::integer as ord
    from waiting w
    cross join lateral jsonb_array_elements(w.events) with ordinality i
  )
  select (
    (select array_agg(w.id order by w.place) from waiting w),
    (select array_agg(l.ord order by l.place)
     from (select s.place, min(s.ord) as ord from said s group by s.place) l),
    -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
    (select json_agg(
        s.event || jsonb_build_object('ord', s.ord, 'delivery', deliveries_before + s.place)
        order by s.ord)::jsonb from said s),
    (select array_agg(w.payload order by w.place) from waiting w)
  )::call_ledger.waiting_deliveries);
end
$$;

-- Books one call's events for an organization that the caller names, on the platform's account of a provider. Returns
-- the call and one outcome for all events: `applied` if a row of the call has changed, otherwise `duplicate`. The
-- statements of a caller are ordered by a clock that is read under the call's lock, so a later value corrects an
-- earlier one. Raises 23503 or 42501 with what to do.
create or replace function call_ledger.book_for_organization(
  org_id uuid, provider text, account_id uuid, provider_call_id text, events jsonb[],
  out call_id uuid, out outcome text)
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
#variable_conflict use_variable
declare
  live public.call_tracking;
  report public.call_logs;
  version text;
  rows_before text;
  document jsonb;
  refused boolean;
begin
  if not exists (select from public.organizations o where o.id = org_id) then
    raise exception 'there is no such organization' using errcode = '23503', constraint = 'calls_org_id_fkey';
  end if;

  insert into public.call_routes (provider_account_id, provider_call_id) values (account_id, provider_call_id)
  on conflict do nothing;
  select r.org_id <> org_id into refused
  from public.call_routes r
  where r.provider_account_id = account_id and r.provider_call_id = provider_call_id
  for no key update;
  perform from public.calls c
  where c.org_id = org_id and c.provider = provider and c.provider_call_id = provider_call_id
  for no key update;
  select t.* into live from public.call_tracking t
  where t.org_id = org_id and t.provider = provider and t.provider_call_id = provider_call_id;
  select l.* into report from public.call_logs l
  where l.org_id = org_id and l.provider = provider and l.provider_call_id = provider_call_id;

  version := 'c' || lpad((extract(epoch from clock_timestamp()) * 1000000)::bigint::text, 16, '0');
  rows_before := call_ledger.places_of_call(org_id, provider, provider_call_id);
  -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
  select json_agg(
    e.event || jsonb_build_object(
      'ord', e.place, 'delivery', 1, 'leads', e.place = 1, 'account_id', account_id, 'provider', provider,
      'provider_call_id', provider_call_id, 'speaks', true, 'direction', coalesce(e.event ->> 'direction', 'unknown'),
      'received_at', clock_timestamp(), 'org_id', org_id, 'source', version,
      'report_version', case when e.event ? 'report' then version end,
      'event_id', e.id, 'content_key', e.id)
    order by e.place)::jsonb
    into document
  from (
    select n.event, row_number() over (order by n.place) as place,
      split_part(n.event ->> 'kind', '.', 2) || ':' || left(translate(
        encode(sha256(convert_to(
          jsonb_build_array('sql', account_id, org_id, provider_call_id, version, n.event)::text, 'UTF8')), 'base64'),
        '+/=', '-_'), 22) as id
    from (
      select call_ledger.caller_news(e.event, live, report) as event, e.place
      from unnest(events) with ordinality as e (event, place)) n
    where n.event is not null) e;

  if document is not null and refused is not true then
    select bool_or(r.outcome = 'quarantined') into refused from public.record_deliveries(document, '{}') r;
  end if;
  if refused then
    raise exception 'the call belongs to another organization' using errcode = '42501';
  end if;

  outcome := case when rows_before is distinct from call_ledger.places_of_call(org_id, provider, provider_call_id)
    then 'applied' else 'duplicate' end;
  select c.id into call_id from public.calls c
  where c.org_id = org_id and c.provider = provider and c.provider_call_id = provider_call_id;
end
$$;

grant execute on function call_ledger.book_for_organization(uuid, text, uuid, text, jsonb[]) to call_ledger_definer;

update call_ledger.schema_state set version = 79;
