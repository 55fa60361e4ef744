-- Segments without a time were numbered in the order of their arrival, so that rows depended on it. They are not any more.
-- Those that were numbered stay.
ALTER TABLE "call_transcripts" DROP COLUMN "position";--> statement-breakpoint
drop function call_ledger.number_segments(call_ledger.incoming_event[], uuid[], uuid[]);

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
        e.customer_name, e.forwarded_to, e.carrier_call_id, e.caller_heard
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

update call_ledger.schema_state set version = 26;
