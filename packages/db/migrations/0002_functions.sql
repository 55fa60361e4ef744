-- One event of a delivery as the application hands it over, translated and bounded.
create type call_ledger.incoming_event as (
  ord integer,                      -- place in the batch, from 1
  delivery integer,                 -- which delivery it came with; index of its payload
  leads boolean,                    -- the first event of its delivery: carries the payload
  account_id uuid,
  provider text,
  provider_call_id text,
  provider_delivery_id text,
  event_id text,
  event_type text,
  kind text,
  speaks boolean,                   -- can change a layer of the call
  wants_agent boolean,              -- the reply names the agent, so a repetition is resolved too
  received_at timestamptz,
  occurred_at timestamptz,          -- for the timeline
  merged_at timestamptz,            -- for the merge; null where the time is no part of the event's identity
  provider_agent_id text,
  provider_phone_number_id text,
  our_number text,
  customer_number text,
  direction text,
  phase public.call_phase,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  report_version text,
  report jsonb,
  segment_role text,
  segment_text text,
  recordings jsonb,                 -- [{channel, recording_url, source_url, source_expires_at}]
  refusal text,                     -- not bookable at all: the reason
  detail text,
  content_key text,
  org_id uuid,                      -- given by the SQL API, never by a delivery
  agent_id uuid,
  lead_id uuid,
  metadata jsonb
);

-- One event that was booked for the first time, with all that was found out about it.
create type call_ledger.booked_event as (
  org_id uuid,
  call_id uuid,
  account_id uuid,
  provider text,
  provider_call_id text,
  event_id text,
  kind text,
  occurred_at timestamptz,
  merged_at timestamptz,
  phase public.call_phase,
  ended_reason text,
  outcome text,
  ended_rank smallint,
  agent_id uuid,
  agent_evidence smallint,
  direction text,
  customer_number text,
  our_number text,
  report_version text,
  report jsonb,
  segment_role text,
  segment_text text,
  lead_id uuid,
  metadata jsonb
);

-- Deliveries that waited for a call's organization, renumbered so that they follow a batch.
create type call_ledger.waiting_deliveries as (
  ids uuid[],
  leaders integer[],                -- by delivery: the place of its first event
  events jsonb,
  payloads bytea[]
);

-- Whether the second of two recording sources stands: the later expiry, then the greater URL.
create or replace function call_ledger.newer_source(
  url text, expires_at timestamptz, other_url text, other_expires_at timestamptz) returns boolean
language sql immutable parallel safe
return other_url is not null and (
  url is null
  or (coalesce(other_expires_at, '-infinity'), other_url collate "C") > (coalesce(expires_at, '-infinity'), url collate "C"));

-- A version 7 UUID: ids that grow with time keep the newest calls together in every index.
create or replace function call_ledger.new_call_id() returns uuid
language sql volatile parallel safe
return encode(
  set_bit(
    set_bit(
      overlay(
        uuid_send(gen_random_uuid()),
        substring(
          int8send((extract(epoch from clock_timestamp()) * 1000)::bigint), 3),
        1, 6),
      52, 1),
    53, 1),
  'hex')::uuid;

-- The version of a report that a caller of the SQL API brings, in the form of reportVersion in
-- packages/domain/src/call/report-version.ts: completeness, authority of a webhook, no time, fingerprint.
create or replace function call_ledger.caller_report_version(completeness integer, content text) returns text
language sql immutable parallel safe
return completeness::text || '1' || repeat('0', 13)
  || left(translate(
    encode(sha256(convert_to(content, 'UTF8')), 'base64'), '+/=', '-_'), 12);

-- An unlocked look: the places of the events that are claimed already and bring nothing new.
-- Sound, because equal event ids mean equal effects and a visible claim was committed with its effects.
-- Not settled are repetitions with a fresher recording source, and those whose reply names the agent.
create or replace function call_ledger.already_booked(batch call_ledger.incoming_event[]) returns integer[]
language plpgsql stable set search_path = ''
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

-- The quarantined deliveries of the calls whose organization a batch knows, as events that follow it.
-- Nothing can join them meanwhile: whoever quarantines a delivery of a call holds that call's route.
create or replace function call_ledger.waiting_deliveries_of(
  batch call_ledger.incoming_event[], orgs uuid[], events_before integer, deliveries_before integer)
returns call_ledger.waiting_deliveries
language plpgsql stable set search_path = ''
as $$
begin
  return (
  with waiting as (
    select q.id, q.events, q.payload,
      (row_number() over (order by q.received_at, q.id))::integer as place
    from (
      select distinct e.account_id, e.provider_call_id
      from unnest(batch) e
      where orgs[e.ord] is not null) k
    cross join lateral (
      select q.id, q.events, q.payload, q.received_at from public.quarantined_deliveries q
      where q.provider_account_id = k.account_id and q.provider_call_id = k.provider_call_id
        and q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null) q
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
    (select jsonb_agg(
        s.event || jsonb_build_object('ord', s.ord, 'delivery', deliveries_before + s.place)
        order by s.ord) from said s),
    (select array_agg(w.payload order by w.place) from waiting w)
  )::call_ledger.waiting_deliveries);
end
$$;

-- Locks the routes of a batch and finds whose each event is: the organization that the route remembers, else the one
-- that the account belongs to, else the agent's: by the provider's agent id, then by our own number.
-- The first booking stands. Evidence for another organization, or for two at once, is organization_conflict.
-- All results are arrays by place in the batch. With `lock`, routes are created and locked in order first.
create or replace function call_ledger.find_organizations(
  batch call_ledger.incoming_event[], settled integer[], lock boolean,
  out orgs uuid[], out reasons text[], out agent_ids uuid[], out agent_names text[], out evidences smallint[])
language plpgsql set search_path = ''
as $$
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
      case when e.agent_id is not null then e.agent_id else coalesce(i.id, n.id) end as agent_id,
      coalesce(i.provider_agent_id, n.provider_agent_id) as agent_name,
      case when e.agent_id is not null or i.id is not null then 2 when n.id is not null then 1 end as evidence,
      coalesce(e.org_id, a.org_id, i.org_id, n.org_id) as named_org,
      array[e.org_id, a.org_id, i.org_id, n.org_id] as named_orgs
    from unnest(batch) e
    left join lateral (
      select r.org_id from public.call_routes r
      where r.provider_account_id = e.account_id and r.provider_call_id = e.provider_call_id limit 1) r on true
    left join lateral (
      select a.org_id from public.provider_accounts a where a.id = e.account_id limit 1) a on true
    left join lateral (
      select i.id, i.org_id, i.provider_agent_id from public.agents i
      where i.provider_account_id = e.account_id and i.provider_agent_id = e.provider_agent_id
        and i.deleted_at is null limit 1) i on true
    left join lateral (
      select x.id, x.org_id, x.provider_agent_id from (
        (select 1 as rank, n.id, n.org_id, n.provider_agent_id from public.agents n
         where n.provider_account_id = e.account_id and n.provider_phone_number_id = e.provider_phone_number_id
           and n.deleted_at is null limit 1)
        union all
        (select 2, n.id, n.org_id, n.provider_agent_id from public.agents n
         where n.provider_account_id = e.account_id and n.phone_number = e.our_number
           and n.deleted_at is null limit 1)) x
      order by x.rank limit 1) n on true
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
    array_agg(case when d.reason is null then d.evidence::smallint end order by d.ord)
  into orgs, reasons, agent_ids, agent_names, evidences
  from decided d;

  update public.call_routes r set org_id = k.org_id
  from (
    select distinct e.account_id, e.provider_call_id, orgs[e.ord] as org_id
    from unnest(batch) e
    where orgs[e.ord] is not null) k
  where r.provider_account_id = k.account_id and r.provider_call_id = k.provider_call_id and r.org_id is null;
end
$$;

-- Creates and locks the calls of a batch, in order, after its routes: call ids by place in the batch.
-- The worker and the SQL API lock the same rows; and a call that comes over two accounts has two routes but one row.
-- `opened` names the calls whose report row needs writing although no report came: new ones, and those that are
-- now known under a lesser account.
create or replace function call_ledger.lock_calls(
  batch call_ledger.incoming_event[], orgs uuid[], out call_ids uuid[], out opened uuid[])
language plpgsql set search_path = ''
as $$
declare
  created uuid[];
begin
  with inserted as (
    insert into public.calls (org_id, id, provider, provider_account_id, provider_call_id)
    select k.org_id, call_ledger.new_call_id(), k.provider, k.account_id, k.provider_call_id
    from (
      select orgs[e.ord] as org_id, e.provider, e.provider_call_id, min(e.account_id::text collate "C")::uuid as account_id
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

-- Joins events into the live layer; the SQL twin of mergeLive in packages/domain/src/call/live-layer.ts.
-- The caller holds the calls' locks. The row that is there is one more thing to aggregate, so there is one rule.
create or replace function call_ledger.merge_tracking(booked call_ledger.booked_event[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.call_tracking as t (
    org_id, id, provider, provider_account_id, provider_call_id, phase, ringing_at, answered_at, ended_at,
    ended_reason, outcome, ended_rank, agent_id, agent_evidence, agent_seen_at,
    direction, customer_number, our_number, lead_id, metadata)
  with said as (
    select b.org_id, b.call_id, b.account_id, b.provider, b.provider_call_id, b.phase,
      case when b.phase = 'ringing' then b.merged_at end as ringing_at,
      case when b.phase = 'in_progress' then b.merged_at end as answered_at,
      case when b.phase = 'ended' then b.merged_at end as ended_at,
      b.ended_reason, b.outcome, b.ended_rank, b.agent_id, b.agent_evidence, b.merged_at as agent_seen_at,
      b.direction, b.customer_number, b.our_number, b.lead_id, b.metadata
    from unnest(booked) b
    union all
    select t.org_id, t.id, t.provider_account_id, t.provider, t.provider_call_id, t.phase,
      t.ringing_at, t.answered_at, t.ended_at, t.ended_reason, t.outcome, t.ended_rank,
      t.agent_id, t.agent_evidence, t.agent_seen_at, t.direction, t.customer_number, t.our_number,
      t.lead_id, t.metadata
    from (select distinct b.org_id, b.call_id from unnest(booked) b) k
    cross join lateral (
      select * from public.call_tracking t where t.org_id = k.org_id and t.id = k.call_id limit 1) t
  ), ending as (
    select distinct on (org_id, call_id) org_id, call_id, ended_reason, outcome, ended_rank
    from said
    where ended_rank is not null
    order by org_id, call_id, ended_rank desc, coalesce(ended_reason, '') collate "C" desc, outcome collate "C" desc
  ), agent as (
    select distinct on (org_id, call_id) org_id, call_id, agent_id, agent_evidence, agent_seen_at
    from said
    where agent_id is not null
    order by org_id, call_id, agent_evidence desc, agent_seen_at asc nulls last, agent_id desc
  ), joined as (
    select org_id, call_id,
      min(provider) as provider, min(account_id::text collate "C")::uuid as account_id,
      min(provider_call_id) as provider_call_id,
      max(phase) as phase, min(ringing_at) as ringing_at, min(answered_at) as answered_at, min(ended_at) as ended_at,
      coalesce(max(nullif(direction, 'unknown') collate "C"), 'unknown') as direction,
      max(customer_number collate "C") as customer_number, max(our_number collate "C") as our_number,
      max(lead_id::text collate "C")::uuid as lead_id, max(metadata::text collate "C")::jsonb as metadata
    from said
    group by org_id, call_id
  )
  select j.org_id, j.call_id, j.provider, j.account_id, j.provider_call_id, j.phase,
    j.ringing_at, j.answered_at, j.ended_at, e.ended_reason, e.outcome, e.ended_rank,
    a.agent_id, a.agent_evidence, a.agent_seen_at,
    j.direction, j.customer_number, j.our_number, j.lead_id, j.metadata
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
    agent_id = excluded.agent_id,
    agent_evidence = excluded.agent_evidence,
    agent_seen_at = excluded.agent_seen_at,
    direction = excluded.direction,
    customer_number = excluded.customer_number,
    our_number = excluded.our_number,
    lead_id = excluded.lead_id,
    metadata = excluded.metadata,
    updated_at = now()
  where (t.provider_account_id, t.phase, t.ringing_at, t.answered_at, t.ended_at, t.ended_reason, t.outcome,
         t.ended_rank, t.agent_id, t.agent_evidence, t.agent_seen_at, t.direction, t.customer_number, t.our_number,
         t.lead_id, t.metadata)
    is distinct from
        (excluded.provider_account_id, excluded.phase, excluded.ringing_at, excluded.answered_at, excluded.ended_at,
         excluded.ended_reason, excluded.outcome, excluded.ended_rank, excluded.agent_id, excluded.agent_evidence,
         excluded.agent_seen_at, excluded.direction, excluded.customer_number, excluded.our_number,
         excluded.lead_id, excluded.metadata);
end
$$;

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

-- One upload job a call and channel. Of two sources the one that expires later stands, so a redelivery refreshes it;
-- a job that waits or had failed for want of a working source is tried again with the new one, at once.
create or replace function call_ledger.queue_recordings(org_ids uuid[], call_ids uuid[], recordings jsonb[])
returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.recording_upload_queue as q (
    org_id, call_id, channel, recording_url, source_url, source_expires_at)
  select distinct on (n.org_id, n.call_id, n.channel) n.org_id, n.call_id, n.channel,
    max(n.recording_url collate "C") over (partition by n.org_id, n.call_id, n.channel),
    n.source_url, n.source_expires_at
  from (
    select k.org_id, k.call_id, r.*
    from unnest(org_ids, call_ids, recordings) as k (org_id, call_id, named)
    cross join lateral jsonb_to_recordset(k.named) as r (
      channel text, recording_url text, source_url text, source_expires_at timestamptz)
  ) n
  order by n.org_id, n.call_id, n.channel,
    n.source_expires_at desc nulls last, n.source_url collate "C" desc nulls last
  on conflict (org_id, call_id, channel) do update set
    recording_url = greatest(q.recording_url collate "C", excluded.recording_url collate "C"),
    source_url = case when call_ledger.newer_source(q.source_url, q.source_expires_at,
                                                    excluded.source_url, excluded.source_expires_at)
      then excluded.source_url else q.source_url end,
    source_expires_at = case when call_ledger.newer_source(q.source_url, q.source_expires_at,
                                                           excluded.source_url, excluded.source_expires_at)
      then excluded.source_expires_at else q.source_expires_at end,
    status = case when q.status in ('failed', 'expired') then 'pending' else q.status end,
    attempts = case when q.status in ('failed', 'expired') then 0 else q.attempts end,
    next_attempt_at = case when q.status in ('failed', 'expired') or (
        q.status = 'pending' and call_ledger.newer_source(
          q.source_url, q.source_expires_at, excluded.source_url, excluded.source_expires_at))
      then now() else q.next_attempt_at end,
    updated_at = now()
  where q.status <> 'stored' and (
    call_ledger.newer_source(q.source_url, q.source_expires_at, excluded.source_url, excluded.source_expires_at)
    or excluded.recording_url collate "C" > coalesce(q.recording_url, '') collate "C");
end
$$;

-- Keeps verified deliveries that could not be booked: the translated events, so that SQL can book them later,
-- and the payload. The same content waits once. `reasons` is indexed by the events' place in the batch, null where booked.
create or replace function call_ledger.quarantine_deliveries(
  batch call_ledger.incoming_event[], reasons text[], document jsonb, payloads bytea[]) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.quarantined_deliveries (
    provider, provider_account_id, reason, detail, event_type, provider_call_id,
    provider_agent_id, provider_phone_number_id, our_number, content_key, events, payload, received_at)
  select distinct on (first.account_id, first.content_key)
    first.provider, first.account_id, reasons[first.ord], first.detail, first.event_type, first.provider_call_id,
    first.provider_agent_id, first.provider_phone_number_id, first.our_number, first.content_key,
    said.events, payloads[first.delivery], first.received_at
  from unnest(batch) first
  cross join lateral (
    select jsonb_agg(document -> (e.ord - 1) order by e.ord) filter (where e.event_id is not null) as events
    from unnest(batch) e
    where e.delivery = first.delivery) said
  where first.leads and reasons[first.ord] is not null
  order by first.account_id, first.content_key, first.ord
  on conflict (provider_account_id, content_key) do nothing;
end
$$;

-- Books the events of N deliveries: claims, merges, queues and summarises them in one transaction, one round trip.
--
-- document: a JSON array of call_ledger.incoming_event; payloads: one for each delivery, by its number.
-- Returns one row an event of the document: applied, observed, duplicate or quarantined (with the reason),
-- and the provider's id of the agent that was found.
--
-- Locks come first and in one order (routes by account and call, then calls by organization, provider and call);
-- every later statement takes a snapshot after the locks. One statement of CTEs would share one snapshot and lose updates.
create or replace function public.record_deliveries(document jsonb, payloads bytea[])
returns table (ord integer, outcome text, reason text, provider_agent_id text)
language plpgsql volatile security definer
set search_path = ''
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
      org_id, event_id, event_type, provider, provider_call_id, provider_delivery_id,
      occurred_at, received_at, payload)
    select distinct on (orgs[e.ord], e.event_id)
      orgs[e.ord], e.event_id, e.event_type, e.provider, e.provider_call_id, e.provider_delivery_id,
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
        e.report_version, e.report, e.segment_role, e.segment_text, e.lead_id, e.metadata
      )::call_ledger.booked_event order by e.ord) into booked
    from unnest(batch) e
    where e.ord = any (won);

    perform call_ledger.merge_tracking(booked);
    perform call_ledger.merge_logs(booked, opened);

    insert into public.call_transcripts (org_id, call_id, fingerprint, role, text, occurred_at)
    select b.org_id, b.call_id, split_part(b.event_id, ':', 2), b.segment_role, b.segment_text, b.occurred_at
    from unnest(booked) b
    where b.segment_text is not null
    on conflict do nothing;
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

-- Books quarantined deliveries whose agent exists by now: at most `most` calls a time; returns how many were booked.
-- Level-triggered: it asks what waits, not what happened, so nothing is missed by a process that was down.
-- It takes no lock before record_deliveries does, and goes through the calls in the order of their locks; that function
-- finds the waiting rows again under the calls' routes. A call that the database refuses is marked and left to a person.
create or replace function public.replay_waiting(most integer default 100) returns integer
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
as $$
declare
  waiting record;
  booked integer := 0;
begin
  for waiting in
    select distinct on (q.provider_account_id, q.provider_call_id)
      q.provider_account_id, q.provider_call_id, q.payload,
      q.events -> 0 || jsonb_build_object('ord', 1, 'delivery', 1) as event
    from public.quarantined_deliveries q
    where q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
      and exists (
        select from public.agents a
        where a.provider_account_id = q.provider_account_id and a.deleted_at is null
          and (a.provider_agent_id = q.provider_agent_id
            or a.provider_phone_number_id = q.provider_phone_number_id
            or a.phone_number = q.our_number))
    order by q.provider_account_id, q.provider_call_id, q.received_at, q.id
    limit most
  loop
    begin
      if exists (
        select from public.record_deliveries(jsonb_build_array(waiting.event), array[waiting.payload]) r
        where r.outcome <> 'quarantined') then
        booked := booked + 1;
      end if;
    exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
      update public.quarantined_deliveries q set reason = 'refused', detail = 'refused: ' || sqlstate
      where q.provider_account_id = waiting.provider_account_id and q.provider_call_id = waiting.provider_call_id
        and q.replayed_at is null and q.reason = 'unknown_agent';
    end;
  end loop;
  return booked;
end
$$;

-- What the three public functions share: books one call's events for an organization that the caller names,
-- on the platform's account of the provider, and answers with the call and one outcome for all of them.
create or replace function call_ledger.book_for_caller(
  org_id uuid, vapi_call_id text, events jsonb[], out call_id uuid, out outcome text)
language plpgsql set search_path = ''
as $$
declare
  account constant uuid := '00000000-0000-4000-8000-000000000001';
  document jsonb;
  booked record;
begin
  if org_id is null then
    raise exception 'p_org_id is null: name the organization of the call' using errcode = '22004';
  end if;
  if vapi_call_id is null or length(vapi_call_id) not between 1 and 200 then
    raise exception 'p_vapi_call_id has to have 1 to 200 characters' using errcode = '22023';
  end if;
  if not exists (select from public.organizations o where o.id = book_for_caller.org_id) then
    raise exception 'there is no such organization' using errcode = '23503', constraint = 'calls_org_id_fkey';
  end if;

  select jsonb_agg(
    jsonb_build_object(
      'ord', e.place, 'delivery', 1, 'leads', e.place = 1, 'account_id', account, 'provider', 'vapi',
      'provider_call_id', vapi_call_id, 'speaks', true, 'direction', 'unknown',
      'received_at', clock_timestamp(), 'org_id', org_id,
      'event_id', split_part(e.event ->> 'kind', '.', 2) || ':' || left(translate(
        encode(sha256(convert_to(
          jsonb_build_array('sql', account, org_id, vapi_call_id, e.event)::text, 'UTF8')), 'base64'), '+/=', '-_'), 22)
    ) || e.event order by e.place)
    into document
  from unnest(events) with ordinality as e (event, place);
  document := (select jsonb_agg(i || jsonb_build_object('content_key', i -> 'event_id'))
               from jsonb_array_elements(document) i);

  select bool_or(r.outcome = 'quarantined') as refused, bool_or(r.outcome = 'applied') as applied
    into booked
  from public.record_deliveries(document, '{}') r;
  if booked.refused then
    raise exception 'the call belongs to another organization' using errcode = '42501';
  end if;

  outcome := case when booked.applied then 'applied' else 'duplicate' end;
  select c.id into call_id from public.calls c
  where c.org_id = book_for_caller.org_id and c.provider = 'vapi' and c.provider_call_id = vapi_call_id;
end
$$;

-- Books that an inbound call rings. Idempotent; raises 22004, 22023, 23503 or 42501 with what to do.
create or replace function public.create_inbound_call_atomically(
  p_org_id uuid, p_vapi_call_id text, p_agent_id uuid, p_phone_number text,
  p_lead_id uuid default null, p_metadata jsonb default null)
returns table (call_id uuid, outcome text)
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if p_agent_id is not null and not exists (
    select from public.agents a where a.org_id = p_org_id and a.id = p_agent_id) then
    raise exception 'the organization has no such agent' using errcode = '23503', constraint = 'calls_agent_fkey';
  end if;
  return query
  select b.call_id, b.outcome
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.progressed', 'event_type', 'create_inbound_call_atomically', 'phase', 'ringing',
      'direction', 'inbound', 'agent_id', p_agent_id, 'customer_number', nullif(p_phone_number, ''),
      'lead_id', p_lead_id, 'metadata', p_metadata)]) b;
end
$$;

-- Books that a call was completed, and how long it lasted. A call that is not there yet is created ended.
-- Idempotent; raises 22004, 22023, 23503 or 42501 with what to do.
create or replace function public.update_call_completed_atomically(
  p_org_id uuid, p_vapi_call_id text, p_duration_seconds integer, p_call_tracking_id uuid default null)
returns table (call_id uuid, outcome text)
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if p_duration_seconds < 0 then
    raise exception 'p_duration_seconds is negative' using errcode = '22023';
  end if;
  if p_call_tracking_id is not null and not exists (
    select from public.call_tracking t
    where t.org_id = p_org_id and t.id = p_call_tracking_id
      and t.provider = 'vapi' and t.provider_call_id = p_vapi_call_id) then
    raise exception 'p_call_tracking_id is not the id of this call' using errcode = '22023';
  end if;
  return query
  select b.call_id, b.outcome
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.ended', 'event_type', 'update_call_completed_atomically', 'phase', 'ended',
      'outcome', 'completed', 'ended_rank', 0)]
    || case when p_duration_seconds is not null then array[
      jsonb_build_object(
        'kind', 'call.reported', 'event_type', 'update_call_completed_atomically',
        'report_version', call_ledger.caller_report_version(0, p_duration_seconds::text),
        'report', jsonb_build_object('duration_seconds', p_duration_seconds))] end) b;
end
$$;

-- Books a recording and a transcript: a URL is queued for upload, a storage path is taken as stored.
-- Idempotent; raises 22004, 22023, 23503 or 42501 with what to do.
create or replace function public.update_call_with_recording_atomically(
  p_org_id uuid, p_vapi_call_id text, p_recording_url text default null, p_recording_storage_path text default null,
  p_transcript text default null, p_call_type text default null)
returns table (call_id uuid, outcome text)
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  url constant text := nullif(split_part(split_part(p_recording_url, '?', 1), '#', 1), '');
  transcript constant text := nullif(p_transcript, '');
  path constant text := nullif(p_recording_storage_path, '');
  booked record;
begin
  if p_call_type is not null and p_call_type not in ('inbound', 'outbound', 'web') then
    raise exception 'p_call_type has to be inbound, outbound or web' using errcode = '22023';
  end if;
  if num_nonnulls(url, transcript, path) = 0 then
    raise exception 'give at least one of p_recording_url, p_recording_storage_path and p_transcript'
      using errcode = '22023';
  end if;
  select b.call_id, b.outcome into booked
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.reported', 'event_type', 'update_call_with_recording_atomically',
      'direction', coalesce(p_call_type, 'unknown'),
      'report_version', call_ledger.caller_report_version(
        num_nonnulls(url, transcript), jsonb_build_array(url, transcript)::text),
      'report', jsonb_build_object('recording_url', url, 'transcript', transcript))
    || case when url is null then '{}'::jsonb else jsonb_build_object(
      'recordings', jsonb_build_array(jsonb_build_object(
        'channel', 'mono', 'recording_url', url, 'source_url', p_recording_url))) end]) b;

  if path is not null then
    perform from public.calls c where c.org_id = p_org_id and c.id = booked.call_id for no key update;
    insert into public.recording_upload_queue as q (org_id, call_id, channel, status, storage_path, recording_url, finished_at)
    values (p_org_id, booked.call_id, 'mono', 'stored', path, url, now())
    on conflict (org_id, call_id, channel) do update set
      status = 'stored', storage_path = excluded.storage_path, finished_at = excluded.finished_at,
      lease_until = null, last_error = null, updated_at = now()
    where q.status <> 'stored';
    if found then booked.outcome := 'applied'; end if;
    perform call_ledger.summarize_calls(array[p_org_id], array[booked.call_id]);
  end if;
  return query select booked.call_id, booked.outcome;
end
$$;

-- What /health says of the database, in one round trip. Sizes in megabytes of 1,048,576 bytes, ages in seconds.
create or replace function call_ledger.ledger_status() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return jsonb_build_object(
    'database_size_mb', round(pg_database_size(current_database()) / 1048576.0, 1),
    'migration', (select s.version from call_ledger.schema_state s),
    'oldest_code', (select s.oldest_code from call_ledger.schema_state s),
    'queue', (
      select jsonb_build_object(
        'depth', count(*),
        'oldest_age_seconds', floor(extract(epoch from now() - min(q.created_at))))
      from public.recording_upload_queue q where q.status in ('pending', 'fetching')),
    'dead', (select count(*) from public.recording_upload_queue q where q.status = 'failed'),
    'quarantined', (
      select count(*) from (
        select from public.quarantined_deliveries q where q.replayed_at is null limit 10000) q),
    'last_event_at', (select max(e.created_at) from public.processed_webhook_events e),
    'worker_age_seconds', (
      select extract(epoch from clock_timestamp() - max(h.last_run_at))
      from public.background_heartbeats h where h.name like 'worker:%'));
end
$$;

-- The public functions run as the definer: whoever may execute them can book, and do nothing else to a tenant's tables.
do $$
declare
  fn regprocedure;
begin
  grant create on schema public, call_ledger to call_ledger_definer;
  foreach fn in array array[
    'public.record_deliveries(jsonb, bytea[])',
    'public.replay_waiting(integer)',
    'public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)',
    'public.update_call_completed_atomically(uuid, text, integer, uuid)',
    'public.update_call_with_recording_atomically(uuid, text, text, text, text, text)',
    'call_ledger.ledger_status()'
  ]::regprocedure[] loop
    execute format('alter function %s owner to call_ledger_definer', fn);
    execute format('revoke all on function %s from public', fn);
    execute format('grant execute on function %s to call_ledger_writer', fn);
  end loop;
  revoke create on schema public, call_ledger from call_ledger_definer;

  if exists (select from pg_roles where rolname = 'service_role') then
    foreach fn in array array[
      'public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)',
      'public.update_call_completed_atomically(uuid, text, integer, uuid)',
      'public.update_call_with_recording_atomically(uuid, text, text, text, text, text)'
    ]::regprocedure[] loop
      execute format('grant execute on function %s to service_role', fn);
    end loop;
  end if;
end
$$;

select call_ledger.revoke_from_strangers();

grant execute on all functions in schema call_ledger to call_ledger_definer;
revoke execute on function call_ledger.revoke_from_strangers(), call_ledger.check_agent_account(),
  call_ledger.own_tables() from call_ledger_definer;

update call_ledger.schema_state set version = 3;
