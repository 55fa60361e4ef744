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
  where not coalesce(e.wants_agent, false)
    -- The same words without a time may be said again.
    and not (e.segment_text is not null and e.merged_at is null)
    and not exists (
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

-- Whether a delivery that waited may be booked for an organization by itself. Not if another organization has, or had, the
-- assistant or the number that the delivery names, and not if it came more than a day before the organization's first
-- agent with one of them: such a number may be recycled, and the call the last owner's. Then a person decides.
create or replace function call_ledger.may_book_waiting(
  for_org_id uuid, account_id uuid, assistant text, phone_number_id text, number text, received_at timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select not coalesce(bool_or(a.org_id <> for_org_id), false)
    and coalesce(bool_or(received_at >= a.created_at - interval '1 day'), true)
  from public.agents a
  where a.provider_account_id = account_id
    and (a.provider_agent_id = assistant or a.provider_phone_number_id = phone_number_id or a.phone_number = number)
$$;

grant execute on function call_ledger.may_book_waiting(uuid, uuid, text, text, text, timestamptz) to call_ledger_definer;

-- Gives equal segments of a call that have no time ids of their own, in the order in which they came: what equals the
-- segment right before it is a repetition, and what was said before that is said again. Others keep their ids.
-- The caller holds the calls' locks.
create or replace function call_ledger.number_segments(
  batch call_ledger.incoming_event[], orgs uuid[], call_ids uuid[]) returns call_ledger.incoming_event[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  said record;
  now_calls uuid[] := '{}';  -- what was said in this batch: calls and fingerprints
  now_prints text[] := '{}';
  base text;
  latest text;
  times integer;
begin
  for said in
    select e.ord, e.event_id, e.merged_at from unnest(batch) e
    where e.segment_text is not null and call_ids[e.ord] is not null
    order by e.ord
  loop
    base := split_part(said.event_id, ':', 2);
    select (array_agg(k.fingerprint order by k.place desc))[1],
        count(*) filter (where split_part(k.fingerprint, '.', 1) = base)
      into latest, times
    from (
      select t.fingerprint, row_number() over (order by t.position nulls first, t.created_at) as place
      from public.call_transcripts t where t.org_id = orgs[said.ord] and t.call_id = call_ids[said.ord]
      union all
      select n.fingerprint, 1000000 + n.place
      from unnest(now_calls, now_prints) with ordinality as n (call_id, fingerprint, place)
      where n.call_id = call_ids[said.ord]) k;
    if said.merged_at is null then
      if split_part(latest, '.', 1) = base then
        batch[said.ord].event_id := split_part(said.event_id, ':', 1) || ':' || latest;
      elsif times > 0 then
        batch[said.ord].event_id := said.event_id || '.' || times + 1;
      end if;
    end if;
    now_calls := now_calls || call_ids[said.ord];
    now_prints := now_prints || split_part(batch[said.ord].event_id, ':', 2);
  end loop;
  return batch;
end
$$;

grant execute on function call_ledger.number_segments(call_ledger.incoming_event[], uuid[], uuid[]) to call_ledger_definer;

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

  if exists (select from unnest(batch) e where e.segment_text is not null and e.merged_at is null) then
    batch := call_ledger.number_segments(batch, orgs, call_ids);
  end if;

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
      insert into public.call_transcripts (org_id, call_id, fingerprint, role, text, occurred_at, position)
      select b.org_id, b.call_id, split_part(b.event_id, ':', 2), b.segment_role, b.segment_text, b.occurred_at,
        row_number() over (partition by b.org_id, b.call_id order by b.place) + coalesce((
          select max(t.position) from public.call_transcripts t where t.org_id = b.org_id and t.call_id = b.call_id), 0)
      from (select b.*, row_number() over () as place from unnest(booked) b) b
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

-- Books quarantined deliveries whose agent exists by now: at most `most` calls a time; returns how many were booked.
-- Level-triggered: it asks what waits, not what happened, so nothing is missed by a process that was down.
-- It takes no lock before record_deliveries does, and goes through the calls in the order of their locks; that function
-- finds the waiting rows again under the calls' routes. A call that the database refuses is marked and left to a person,
-- and so are deliveries that may be the last owner's of a number or an assistant (may_book_waiting).
create or replace function public.replay_waiting(most integer default 100) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  waiting record;
  booked integer := 0;
begin
  update public.quarantined_deliveries q set reason = 'organization_conflict', detail = 'came before its agent'
  where q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
    and exists (
      select from public.agents a
      where a.provider_account_id = q.provider_account_id and a.deleted_at is null
        and (a.provider_agent_id = q.provider_agent_id
          or a.provider_phone_number_id = q.provider_phone_number_id
          or a.phone_number = q.our_number)
        and not call_ledger.may_book_waiting(a.org_id, q.provider_account_id, q.provider_agent_id,
          q.provider_phone_number_id, q.our_number, q.received_at));

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
      select distinct e.account_id, e.provider_call_id, orgs[e.ord] as org_id
      from unnest(batch) e
      where orgs[e.ord] is not null) k
    cross join lateral (
      select q.id, q.events, q.payload, q.received_at from public.quarantined_deliveries q
      where q.provider_account_id = k.account_id and q.provider_call_id = k.provider_call_id
        and q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
        and call_ledger.may_book_waiting(k.org_id, k.account_id, q.provider_agent_id, q.provider_phone_number_id,
          q.our_number, q.received_at)) q
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

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 24;
