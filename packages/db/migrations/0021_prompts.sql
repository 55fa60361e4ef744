-- System prompts are stored once for an organization; calls and their payloads refer to them.
CREATE TABLE "call_prompts" (
	"org_id" uuid NOT NULL,
	"call_id" uuid NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "call_prompts_pkey" PRIMARY KEY("org_id","call_id","hash")
);
--> statement-breakpoint
CREATE TABLE "prompts" (
	"org_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "prompts_pkey" PRIMARY KEY("org_id","hash"),
	CONSTRAINT "prompts_hash_bounded" CHECK (length("prompts"."hash") = 22)
);
--> statement-breakpoint
ALTER TABLE "call_prompts" ADD CONSTRAINT "call_prompts_call_fkey" FOREIGN KEY ("org_id","call_id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_prompts" ADD CONSTRAINT "call_prompts_prompt_fkey" FOREIGN KEY ("org_id","hash") REFERENCES "public"."prompts"("org_id","hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prompts" ADD CONSTRAINT "prompts_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "call_prompts_prompt_idx" ON "call_prompts" USING btree ("org_id","hash");--> statement-breakpoint
-- The tables of this product, by name: a database may hold other people's tables beside them.
create or replace function call_ledger.own_tables() returns setof regclass
language sql stable set search_path = pg_catalog, pg_temp
return unnest(array[
  'public.organizations', 'public.provider_accounts', 'public.agents', 'public.api_keys',
  'public.calls', 'public.call_tracking', 'public.call_logs', 'public.call_transcripts',
  'public.prompts', 'public.call_prompts',
  'public.call_routes', 'public.processed_webhook_events', 'public.quarantined_deliveries',
  'public.recording_upload_queue', 'public.background_heartbeats', 'public.housekeeping_runs', 'public.database_sizes'
]::regclass[]);

do $$
declare
  own regclass;
begin
  foreach own in array array['public.prompts', 'public.call_prompts']::regclass[] loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    execute format('create policy definer_books on %s to call_ledger_definer using (true) with check (true)', own);
    execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
    execute format(
      'create policy reader_sees_own_organization on %s for select to call_ledger_reader
       using (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
    execute format('grant select on table %s to call_ledger_reader', own);
  end loop;
end
$$;

grant select, insert on table call_prompts to call_ledger_definer;
-- A row can be locked only by who may update it; deletes are those of drop_unused_prompts.
grant select, insert, update, delete on table prompts to call_ledger_definer;

alter type call_ledger.incoming_event add attribute prompts jsonb;
-- Every function that takes this type is created anew: sessions that run keep no plan from before.

-- Stores the prompts of a batch, each once for an organization, and notes which call refers to which.
-- The caller holds the calls' locks. Prompts are locked last and in one order, shared by everybody who refers to them.
-- prompts: by event, a JSON array of {hash, text}.
create or replace function call_ledger.keep_prompts(org_ids uuid[], call_ids uuid[], prompts jsonb[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  news jsonb;
  wanted integer;
  locked integer;
begin
  select jsonb_agg(distinct jsonb_build_object(
      'org_id', k.org_id, 'call_id', k.call_id, 'hash', p.hash, 'text', p.text)),
    count(distinct (k.org_id, p.hash))
    into news, wanted
  from unnest(org_ids, call_ids, prompts) as k (org_id, call_id, prompts)
  cross join lateral jsonb_to_recordset(k.prompts) as p (hash text, text text)
  where not exists (
    select from public.call_prompts c
    where c.org_id = k.org_id and c.call_id = k.call_id and c.hash = p.hash);
  if wanted = 0 then return; end if;

  -- The last call that referred to a prompt may be deleted meanwhile, and the prompt with it; then it is stored anew.
  loop
    insert into public.prompts (org_id, hash, text)
    select distinct on (n.org_id, n.hash) n.org_id, n.hash, n.text
    from jsonb_to_recordset(news) as n (org_id uuid, hash text, text text)
    order by n.org_id, n.hash
    on conflict (org_id, hash) do nothing;

    select count(*) into locked
    from (
      select from public.prompts p
      where (p.org_id, p.hash) in (
        select n.org_id, n.hash from jsonb_to_recordset(news) as n (org_id uuid, hash text))
      order by p.org_id, p.hash
      for key share of p) l;
    exit when locked = wanted;
  end loop;

  insert into public.call_prompts (org_id, call_id, hash)
  select distinct n.org_id, n.call_id, n.hash
  from jsonb_to_recordset(news) as n (org_id uuid, call_id uuid, hash text)
  order by 1, 2, 3
  on conflict do nothing;
end
$$;

grant execute on function call_ledger.keep_prompts(uuid[], uuid[], jsonb[]) to call_ledger_definer;

-- Deletes the prompts that no call refers to any more; runs after calls, and with them their references, were deleted.
create or replace function call_ledger.drop_unused_prompts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- Whoever refers to one meanwhile is waited for, and seen by the next statement.
  perform from public.prompts p
  where (p.org_id, p.hash) in (select g.org_id, g.hash from gone g)
  order by p.org_id, p.hash
  for update of p;

  delete from public.prompts p
  where (p.org_id, p.hash) in (select g.org_id, g.hash from gone g)
    and not exists (select from public.call_prompts c where c.org_id = p.org_id and c.hash = p.hash);
  return null;
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

-- Books one call's events for an organization that the caller names, on the platform's account of a provider, and
-- answers with the call and one outcome for all of them: `applied`, if a row of the call has changed, else `duplicate`.
-- What the caller says is ordered by a clock that is read under the call's lock, so a later value corrects an earlier
-- one. Raises 23503 or 42501 with what to do.
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
  select jsonb_agg(
    e.event || jsonb_build_object(
      'ord', e.place, 'delivery', 1, 'leads', e.place = 1, 'account_id', account_id, 'provider', provider,
      'provider_call_id', provider_call_id, 'speaks', true, 'direction', coalesce(e.event ->> 'direction', 'unknown'),
      'received_at', clock_timestamp(), 'org_id', org_id, 'source', version,
      'report_version', case when e.event ? 'report' then version end,
      'event_id', e.id, 'content_key', e.id)
    order by e.place)
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

create trigger call_prompts_gone after delete on call_prompts
  referencing old table as gone for each statement execute function call_ledger.drop_unused_prompts();

do $$
begin
  grant create on schema call_ledger to call_ledger_definer;
  alter function call_ledger.drop_unused_prompts() owner to call_ledger_definer;
  revoke create on schema call_ledger from call_ledger_definer;
end
$$;

select call_ledger.revoke_from_strangers();

grant execute on function call_ledger.keep_prompts(uuid[], uuid[], jsonb[]) to call_ledger_definer;

update call_ledger.schema_state set version = 22;
