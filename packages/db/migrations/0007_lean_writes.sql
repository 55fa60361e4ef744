DROP INDEX "processed_webhook_events_timeline_idx";--> statement-breakpoint
CREATE INDEX "processed_webhook_events_timeline_idx" ON "processed_webhook_events" USING btree ("org_id","provider","provider_call_id");--> statement-breakpoint
-- Locks the routes of a batch and finds whose each event is: the organization that the route remembers, else the one
-- that the account belongs to, else the agent's: by the provider's agent id, then by our own number.
-- The first booking stands. Evidence for another organization, or for two at once, is organization_conflict.
-- All results are arrays by place in the batch. With `lock`, routes are created and locked in order first.
create or replace function call_ledger.find_organizations(
  batch call_ledger.incoming_event[], settled integer[], lock boolean,
  out orgs uuid[], out reasons text[], out agent_ids uuid[], out agent_names text[], out evidences smallint[])
language plpgsql set search_path = ''
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

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 8;
