-- A delivery is booked for the first registered agent that it names, not for the first that it names.
ALTER TABLE "quarantined_deliveries" ADD COLUMN "also_named" jsonb;;--> statement-breakpoint
alter type call_ledger.incoming_event add attribute also_named jsonb;
-- Every function that takes this type is created anew: sessions that run keep no plan from before.

drop function call_ledger.may_book_waiting(uuid, uuid, text, text, text, timestamp with time zone);

-- The agents of an account, removed ones included, that a delivery names, by the rank of what names them: the provider's
-- agent ids, then its ids of our own numbers, then those numbers; of each kind the first, then those of `also_named`, in
-- their order. `also_named`: {agent_ids, phone_number_ids, our_numbers}, each a list of texts, or null.
-- One statement without settings, so that it becomes a part of the statement that asks.
create or replace function call_ledger.agents_named(
  account_id uuid, agent_id text, phone_number_id text, our_number text, also_named jsonb)
returns table (
  rank integer, by_id boolean, id uuid, org_id uuid, provider_agent_id text, created_at timestamptz, deleted_at timestamptz)
language sql stable
begin atomic
  select 0, true, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from public.agents a
  where a.provider_account_id = account_id and a.provider_agent_id = agent_id
  union all
  select n.place::integer, true, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from jsonb_array_elements_text(also_named -> 'agent_ids') with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.provider_agent_id = n.name
  union all
  select 1000, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from public.agents a
  where a.provider_account_id = account_id and a.provider_phone_number_id = phone_number_id
  union all
  select 1000 + n.place::integer, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from jsonb_array_elements_text(also_named -> 'phone_number_ids') with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.provider_phone_number_id = n.name
  union all
  select 2000, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from public.agents a
  where a.provider_account_id = account_id and a.phone_number = our_number
  union all
  select 2000 + n.place::integer, false, a.id, a.org_id, a.provider_agent_id, a.created_at, a.deleted_at
  from jsonb_array_elements_text(also_named -> 'our_numbers') with ordinality n (name, place)
  join public.agents a on a.provider_account_id = account_id and a.phone_number = n.name;
end;

grant execute on function call_ledger.agents_named(uuid, text, text, text, jsonb) to call_ledger_definer;

-- What the ledger knows of each of some calls of an account, by their place. fetched: a JSON array of what the provider
-- says of each. `missing` says why a call cannot be booked: no organization has its agent, or it may be the call of
-- another one that has or had an agent or a number that it names (may_book_named).
create or replace function call_ledger.compare_calls(account_id uuid, fetched jsonb)
returns table (
  org_id uuid, missing text, is_known boolean, phase text, report_version text, has text[],
  cost_usd numeric, started_at timestamptz, ended_at timestamptz, ended_reason text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select w.org_id, w.missing, c.id is not null, c.phase, call_ledger.current_report_version(l.report_version),
    array_remove(array[
      case when l.transcript is not null then 'transcript' end,
      case when l.messages is not null then 'messages' end,
      case when l.summary is not null then 'summary' end,
      case when l.analysis is not null then 'analysis' end,
      case when exists (
        select from public.recording_upload_queue q
        where q.org_id = c.org_id and q.call_id = c.id) then 'recording' end], null),
    l.cost_usd, l.started_at, l.ended_at, l.ended_reason
  from rows from (jsonb_to_recordset(fetched) as (
    provider_call_id text, provider_agent_id text, provider_phone_number_id text, our_number text,
    also_named jsonb, created_at timestamptz)) with ordinality
    as f (provider_call_id, provider_agent_id, provider_phone_number_id, our_number, also_named, created_at, place)
  cross join lateral (
    select a.provider, a.org_id from public.provider_accounts a where a.id = account_id limit 1) a
  left join lateral (
    select r.org_id from public.call_routes r
    where r.provider_account_id = account_id and r.provider_call_id = f.provider_call_id limit 1) r on true
  left join lateral (
    select g.org_id
    from call_ledger.agents_named(
      account_id, f.provider_agent_id, f.provider_phone_number_id, f.our_number, f.also_named) g
    where r.org_id is null and a.org_id is null and g.deleted_at is null
    order by g.rank limit 1) g on true
  cross join lateral (
    select coalesce(r.org_id, a.org_id, g.org_id) as org_id,
      case
        when coalesce(r.org_id, a.org_id, g.org_id) is null then 'unknown_agent'
        when g.org_id is not null and not call_ledger.may_book_named(g.org_id, account_id, f.provider_agent_id,
          f.provider_phone_number_id, f.our_number, f.also_named, f.created_at) then 'organization_conflict'
      end as missing) w
  left join lateral (
    select c.org_id, c.id, c.phase from public.calls c
    where c.org_id = w.org_id and c.provider = a.provider and c.provider_call_id = f.provider_call_id limit 1) c on true
  left join lateral (
    select l.* from public.call_logs l where l.org_id = c.org_id and l.id = c.id limit 1) l on true
  order by f.place;
end
$$;

grant execute on function call_ledger.compare_calls(uuid, jsonb) to call_ledger_worker;

-- Locks the routes of a batch and finds whose each event is: the organization that the route remembers, else the one
-- that the account belongs to, else that of the first registered agent that the delivery names (agents_named).
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
      coalesce(e.agent_id, n.agent_id) as agent_id,
      n.agent_name,
      case when e.agent_id is not null or n.by_id then 2 when n.agent_id is not null then 1 end as evidence,
      coalesce(e.org_id, a.org_id, n.orgs[1]) as named_org,
      array[e.org_id, a.org_id] || n.orgs as named_orgs
    from unnest(batch) e
    left join lateral (
      select r.org_id from public.call_routes r
      where r.provider_account_id = e.account_id and r.provider_call_id = e.provider_call_id limit 1) r on true
    left join lateral (
      select a.org_id from public.provider_accounts a where a.id = e.account_id limit 1) a on true
    cross join lateral (
      select (array_agg(n.id order by n.rank))[1] as agent_id,
        (array_agg(n.provider_agent_id order by n.rank))[1] as agent_name,
        (array_agg(n.by_id order by n.rank))[1] as by_id,
        array_agg(n.org_id order by n.rank) as orgs
      from call_ledger.agents_named(
        e.account_id, e.provider_agent_id, e.provider_phone_number_id, e.our_number, e.also_named) n
      where n.deleted_at is null) n
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

-- Whether a delivery that waited may be booked for an organization by itself. Not if another organization has, or had, an
-- assistant or a number that the delivery names, and not if it came more than a day before the organization's first
-- agent with one of them: such a number may be recycled, and the call the last owner's. Then a person decides.
create or replace function call_ledger.may_book_named(
  for_org_id uuid, account_id uuid, assistant text, phone_number_id text, number text, also_named jsonb,
  received_at timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select not coalesce(bool_or(a.org_id <> for_org_id), false)
    and coalesce(bool_or(received_at >= a.created_at - interval '1 day'), true)
  from call_ledger.agents_named(account_id, assistant, phone_number_id, number, also_named) a
$$;

grant execute on function call_ledger.may_book_named(uuid, uuid, text, text, text, jsonb, timestamptz) to call_ledger_definer;

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

-- Books quarantined deliveries whose agent exists by now: at most `most` calls a time; returns how many were booked.
-- Level-triggered: it asks what waits, not what happened, so nothing is missed by a process that was down.
-- It takes no lock before record_deliveries does, and goes through the calls in the order of their locks; that function
-- finds the waiting rows again under the calls' routes. A call that the database refuses is marked and left to a person,
-- and so are deliveries that may be the last owner's of a number or an assistant (may_book_named).
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
      select from call_ledger.agents_named(
        q.provider_account_id, q.provider_agent_id, q.provider_phone_number_id, q.our_number, q.also_named) a
      where a.deleted_at is null
        and not call_ledger.may_book_named(a.org_id, q.provider_account_id, q.provider_agent_id,
          q.provider_phone_number_id, q.our_number, q.also_named, q.received_at));

  for waiting in
    select distinct on (q.provider_account_id, q.provider_call_id)
      q.provider_account_id, q.provider_call_id, q.payload,
      q.events -> 0 || jsonb_build_object('ord', 1, 'delivery', 1) as event
    from public.quarantined_deliveries q
    where q.replayed_at is null and q.reason = 'unknown_agent' and q.events is not null
      and exists (
        select from call_ledger.agents_named(
          q.provider_account_id, q.provider_agent_id, q.provider_phone_number_id, q.our_number, q.also_named) a
        where a.deleted_at is null)
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

-- Creates and locks the calls of a batch, in order, after its routes: call ids by place in the batch.
-- The worker and the SQL API lock the same rows; and a call that comes over two accounts has two routes but one row.
-- `opened` names the calls whose report row needs writing although no report came: new ones, and those that are
-- now known under a lesser account. A call that is fetched long after it ended is first seen when it ended: what a call
-- without a start is sorted and counted by must not be the time of its repair.
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

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 52;
