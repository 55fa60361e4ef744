-- Of what cannot be booked: false, if it is about no call and nothing can change that.
alter type call_ledger.incoming_event add attribute waits boolean;
-- Of a transcript: the words are the caller's.
alter type call_ledger.incoming_event add attribute caller_heard boolean;
alter type call_ledger.booked_event add attribute caller_heard boolean;

-- Keeps the deliveries of each provider account in quarantine below `most_bytes`: first those that wait, then those that
-- wait for nothing, each the newest first. Of what is beyond, deliveries that wait for nothing go first, then the payloads
-- of those that can be booked without, and where none is left, the oldest deliveries; at most `most` of either a call.
-- Zeros: nothing is beyond. A share is a megabyte or more, so that nobody can empty the quarantine.
create or replace function call_ledger.cap_quarantine(
  most_bytes bigint, most integer, out payloads_dropped integer, out deliveries_dropped integer)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  beyond uuid[];
  settled uuid[];
  bookable uuid[];
begin
  if most_bytes < 1000000 then
    raise exception 'an account may keep a megabyte in quarantine' using errcode = '22023';
  end if;
  payloads_dropped := 0;
  deliveries_dropped := 0;
  -- The table as a whole is known at once; adding up its rows takes a scan.
  if pg_total_relation_size('public.quarantined_deliveries') <= most_bytes then return; end if;

  select array_agg(s.id order by s.received_at, s.id),
    array_agg(s.id order by s.received_at, s.id) filter (where s.settled),
    array_agg(s.id order by s.received_at, s.id) filter (where s.payload_bytes > 0 and s.translated)
    into beyond, settled, bookable
  from (
    select q.id, q.received_at, q.events is not null as translated, q.replayed_at is not null as settled,
      coalesce(pg_column_size(q.payload), 0) as payload_bytes,
      sum(coalesce(pg_column_size(q.payload), 0) + coalesce(pg_column_size(q.events), 0))
        over (
          partition by q.provider_account_id
          order by q.replayed_at is not null, q.received_at desc, q.id desc) as running_bytes
    from public.quarantined_deliveries q where q.replayed_at is null or q.payload is not null) s
  where s.running_bytes > most_bytes;

  beyond := coalesce(settled, beyond);
  if settled is null and bookable is not null then
    update public.quarantined_deliveries d set payload = null
    where d.id = any (array(
      select q.id from public.quarantined_deliveries q where q.id = any (bookable[1:most])
      for no key update skip locked));
    get diagnostics payloads_dropped = row_count;
  elsif beyond is not null then
    delete from public.quarantined_deliveries d
    where d.id = any (array(
      select q.id from public.quarantined_deliveries q where q.id = any (beyond[1:most])
      for update skip locked));
    get diagnostics deliveries_dropped = row_count;
  end if;
end
$$;

-- Marks calls whose end or whose report is overdue, at most `most`; returns how many. Times are in seconds. A late event
-- takes a mark back (summarize_calls). Calls that somebody is booking for are left to the next run.
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
  return marked;
end
$$;

grant execute on function call_ledger.mark_overdue_calls(integer, integer, integer, integer) to call_ledger_worker;

-- Joins reports into the report layer; the SQL twin of mergeReports in packages/domain/src/call/report-layer.ts.
-- The caller holds the calls' locks. Each field, and each part of the analysis, the cost breakdown and the details, is
-- taken from
-- the greatest version that has it. `field_versions` names the versions that differ from the row's greatest.
-- A call in `opened` gets its empty row even where the batch brings no report.
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
      coalesce(r.field_versions ->> concat_ws('.', f.field, f.part), r.version) as version
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
    -- Before any version: a cost of 0 is often not computed yet, a first report may lack turns, and an ending without an
    -- outcome tells less.
    order by r.org_id, r.call_id, f.field, f.part,
      case f.field
        when 'outcome' then f.value ->> 'outcome' = 'unknown'
        when 'cost_usd' then f.value = '0'
        when 'caller_turns' then f.value = '0'
        when 'cost_breakdown' then f.value = '0'
        else false
      end,
      coalesce(r.field_versions ->> concat_ws('.', f.field, f.part), r.version) collate "C" desc
  ), whole as (
    select b.org_id, b.call_id,
      jsonb_object_agg(b.field, b.value) filter (where b.part is null) as fields,
      jsonb_object_agg(b.part, b.value) filter (where b.field = 'analysis' and b.part is not null) as analysis,
      jsonb_object_agg(b.part, b.value) filter (where b.field = 'cost_breakdown' and b.part is not null) as cost_breakdown,
      jsonb_object_agg(b.part, b.value) filter (where b.field = 'details' and b.part is not null) as details,
      jsonb_object_agg(concat_ws('.', b.field, b.part), b.version) filter (where b.version <> n.version) as versions
    from best b
    join newest n on n.org_id = b.org_id and n.call_id = b.call_id
    group by b.org_id, b.call_id
  )
  select w.org_id, w.call_id, w.provider, coalesce(least(n.account_id, w.account_id), w.account_id), w.provider_call_id,
    f.transcript, f.messages, f.caller_turns, f.summary, coalesce(d.analysis, f.analysis),
    f.cost_usd, coalesce(d.cost_breakdown, f.cost_breakdown),
    f.started_at, f.ended_at, f.outcome ->> 'ended_reason', f.outcome ->> 'outcome', f.duration_seconds, f.recording_url,
    f.forwarded_to, coalesce(d.details, f.details), n.version,
    -- Where parts are known, what is no object is dropped.
    nullif(d.versions - case when d.analysis is null then '' else 'analysis' end
      - case when d.cost_breakdown is null then '' else 'cost_breakdown' end
      - case when d.details is null then '' else 'details' end, '{}')
  from wanted w
  left join newest n on n.org_id = w.org_id and n.call_id = w.call_id
  left join whole d on d.org_id = w.org_id and d.call_id = w.call_id
  left join lateral jsonb_to_record(d.fields) as f (
    transcript text, messages jsonb, caller_turns integer, summary text, analysis jsonb, cost_usd numeric, cost_breakdown jsonb,
    started_at timestamptz, ended_at timestamptz, outcome jsonb, duration_seconds integer, recording_url text,
    forwarded_to text, details jsonb) on true
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

-- Joins events into the live layer; the SQL twin of mergeLive in packages/domain/src/call/live-layer.ts.
-- The caller holds the calls' locks. The row that is there is one more thing to aggregate, so there is one rule: a fact
-- is taken from the most trusted source that has it. `fact_versions` names the versions that are not the provider's.
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
      coalesce(b.source, 'p') as source, '{}'::jsonb as versions
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
      max(array[call_ledger.telephone_rank(forwarded_to), coalesce(versions ->> 'forwarded_to', source),
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
       'our_number', j.our_number[2], 'customer_name', j.customer_name[1], 'forwarded_to', j.forwarded_to[2],
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

-- The outcome of an ended call; the SQL twin of outcomeOfEnding in packages/domain/src/call/outcome.ts.
create or replace function call_ledger.outcome_of_ending(word text, caller_turns integer) returns text
language sql immutable parallel safe
return case
  when word = 'delivered' then 'completed'
  when word in ('completed', 'silence') and caller_turns = 0 then 'no_answer'
  when word = 'silence' then case when caller_turns > 0 then 'completed' else 'unknown' end
  else coalesce(word, 'unknown')
end;

grant execute on function call_ledger.outcome_of_ending(text, integer) to call_ledger_definer;

-- The mark that a call without a report deserves by the clock: `stuck` or `missing_report`, null for neither. A call that
-- waits for its scheduled time is not overdue. The last sign of life is the latest event, by the provider's time where it
-- names one that is not in the future.
create or replace function call_ledger.overdue_mark(
  call_org_id uuid, call_id uuid, before_connection interval, in_progress interval, for_report interval)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when c.phase = 'ended' then
      case when least(t.ended_at, s.seen_at) < now() - for_report then 'missing_report' end
    when c.phase = 'scheduled' then null
    when c.phase in ('queued', 'ringing') then case when s.seen_at < now() - before_connection then 'stuck' end
    when s.seen_at < now() - in_progress then 'stuck'
  end
  from public.calls c
  join public.call_tracking t on t.org_id = c.org_id and t.id = c.id
  cross join lateral (
    select coalesce(max(least(e.occurred_at, e.received_at)), c.created_at) as seen_at
    from public.processed_webhook_events e
    where e.org_id = c.org_id and e.provider = c.provider and e.provider_call_id = c.provider_call_id) s
  where c.org_id = call_org_id and c.id = call_id and c.awaits_report
$$;

grant execute on function call_ledger.overdue_mark(uuid, uuid, interval, interval, interval) to call_ledger_definer;

-- Keeps verified deliveries that could not be booked: the translated events, so that SQL can book them later,
-- and the payload. The same content is kept once. What does not wait is about no call: it is kept, as replayed.
-- `reasons` is indexed by the events' place in the batch, null where booked.
create or replace function call_ledger.quarantine_deliveries(
  batch call_ledger.incoming_event[], reasons text[], document jsonb, payloads bytea[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.quarantined_deliveries (
    provider, provider_account_id, reason, detail, event_type, provider_call_id,
    provider_agent_id, provider_phone_number_id, our_number, content_key, events, payload, received_at, replayed_at)
  select distinct on (first.account_id, first.content_key)
    first.provider, first.account_id, reasons[first.ord], first.detail, first.event_type, first.provider_call_id,
    first.provider_agent_id, first.provider_phone_number_id, first.our_number, first.content_key,
    said.events, payloads[first.delivery], first.received_at,
    case when not first.waits then now() end
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
        e.customer_name, e.forwarded_to, e.carrier_call_id, e.caller_heard
      )::call_ledger.booked_event order by e.ord),
      bool_or(e.report_version is not null), bool_or(e.segment_text is not null)
      into booked, reported, transcribed
    from unnest(batch) e
    where e.ord = any (won);

    perform call_ledger.merge_tracking(booked);
    -- A statement costs its setting up even where it finds nothing to do.
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

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.mark_overdue_calls(integer, integer, integer, integer) owner to call_ledger_definer;

revoke create on schema public, call_ledger from call_ledger_definer;

select call_ledger.revoke_from_strangers();

-- Logins that were created before inherit nothing from their roles. Who may book is the writer's, who may claim
-- recordings the worker's.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array['call_ledger.mark_overdue_calls(integer, integer, integer, integer)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings(text[], integer, boolean, integer)'::regprocedure)
    ) as u (role, sign)
    join pg_catalog.pg_proc p on p.oid = u.sign
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee and r.rolcanlogin
    where has_function_privilege(u.role, f.signature, 'execute')
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;

-- Every function that takes these types is created anew: sessions that run keep no plan from before.
-- An unlocked look: the places of the events that are claimed already and bring nothing new.
-- Sound, because equal event ids mean equal effects and a visible claim was committed with its effects.
-- Not settled are repetitions with a fresher recording source, and those whose reply names the agent.
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

-- Whether every event of a document (as for record_deliveries) is booked already and brings nothing new. Only reads.
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

-- Locks the routes of a batch and finds whose each event is: the organization that the route remembers, else the one
-- that the account belongs to, else the agent's: by the provider's agent id, then by our own number.
-- The first booking stands. Evidence for another organization, or for two at once, is organization_conflict.
-- All results are arrays by place in the batch. With `lock`, routes are created and locked in order first.
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

-- The quarantined deliveries of the calls whose organization a batch knows, as events that follow it.
-- Nothing can join them meanwhile: whoever quarantines a delivery of a call holds that call's route.
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

-- Creates and locks the calls of a batch, in order, after its routes: call ids by place in the batch.
-- The worker and the SQL API lock the same rows; and a call that comes over two accounts has two routes but one row.
-- `opened` names the calls whose report row needs writing although no report came: new ones, and those that are
-- now known under a lesser account.
create or replace function call_ledger.lock_calls(
  batch call_ledger.incoming_event[], orgs uuid[], out call_ids uuid[], out opened uuid[])
language plpgsql set search_path = pg_catalog, pg_temp
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

-- What waits today for a call that it will never have.
update public.quarantined_deliveries set replayed_at = now()
where replayed_at is null and reason = 'no_call' and provider = 'vapi'
  and event_type ~ '^(campaign\.|chat\.|session\.|(voice-request|knowledge-base-request|call\.endpointing\.request)$)';

-- Calls whose report is missing today; all others keep null.
update public.calls c set awaits_report = true
from public.call_logs l
where l.org_id = c.org_id and l.id = c.id and l.report_version is null;

update public.call_tracking t set phase = 'ended'
from public.call_logs l
where l.org_id = t.org_id and l.id = t.id and l.report_version is not null and t.phase is distinct from 'ended';

-- What /health says of the database, in one round trip. Sizes in megabytes of 1,048,576 bytes, ages in seconds.
create or replace function call_ledger.ledger_status() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
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
      from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.waits_for_host is null),
    'dead', (select count(*) from public.recording_upload_queue q where q.status = 'failed'),
    'quarantined', (
      select count(*) from (
        select from public.quarantined_deliveries q where q.replayed_at is null limit 10000) q),
    'attention', (
      select coalesce(jsonb_object_agg(m.mark, m.calls), '{}')
      from (
        select m.mark, count(*) as calls
        from public.calls c cross join lateral unnest(c.attention) m (mark)
        where c.attention <> '{}' and c.created_at > now() - interval '1 day'
        group by m.mark) m),
    'last_event_at', (select max(e.created_at) from public.processed_webhook_events e),
    'worker_age_seconds', (
      select extract(epoch from clock_timestamp() - max(h.last_run_at))
      from public.background_heartbeats h where h.name like 'worker:%'),
    'size_before', (
      select jsonb_build_object(
        'mb', round(s.size_bytes / 1048576.0, 3),
        'age_seconds', extract(epoch from clock_timestamp() - s.at))
      from public.database_sizes s where s.at > now() - interval '7 days' order by s.at limit 1),
    'late_jobs', (
      select coalesce(jsonb_agg(r.name order by r.name), '[]')
      from public.housekeeping_runs r
      where coalesce(r.succeeded_at, r.created_at) < now() - 3 * make_interval(secs => r.every_seconds)
        and (r.lease_token is null or r.next_run_at <= now())));
end
$$;

-- Recomputes the summary of calls; the SQL twin of summarize in packages/domain/src/call/summary.ts.
-- Marks that depend on the clock are taken back, but for the report that is still missing.
-- The caller holds the calls' locks. Run as a statement of its own it sees what was committed while the locks were waited for.
create or replace function call_ledger.summarize_calls(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
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
      l.report_version is null as awaits_report,
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
         c.forwarded_to, c.carrier_call_id, c.phase, c.outcome, c.ended_reason, c.caller_turns, c.awaits_report,
         c.attention,
         c.started_at, c.ended_at, c.duration_seconds, c.cost_usd, c.recording_storage_path)
      is distinct from
        (s.provider_account_id, s.agent_id, s.direction, s.customer_number, s.customer_name,
         s.forwarded_to, s.carrier_call_id, s.phase, s.outcome, s.ended_reason, s.caller_turns, s.awaits_report,
         case when s.awaits_report and s.phase = 'ended' and 'missing_report' = any (c.attention)
           then array['missing_report'] else '{}' end || s.attention,
         s.started_at, s.ended_at, s.duration_seconds, s.cost_usd, s.recording_storage_path);
end
$$;

update call_ledger.schema_state set version = 21;
