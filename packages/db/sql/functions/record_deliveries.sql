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
