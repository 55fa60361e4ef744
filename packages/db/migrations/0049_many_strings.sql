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

-- What of an event that a caller of the SQL API brings is news: without the facts and the fields of its report that the
-- provider has said, and without those that the caller has said before. Null: nothing is.
-- The caller may correct itself, and the older system whose rows were adopted. The end that comes with a report is the
-- clock of whoever holds the call's lock: it fills in for one that nobody has said.
create or replace function call_ledger.caller_news(event jsonb, live public.call_tracking, report public.call_logs)
returns jsonb
language sql stable set search_path = pg_catalog, pg_temp
as $$
  with fact as (
    select f.key,
      case f.key
        when 'agent_id' then live.agent_evidence - 2
        when 'customer_number' then
          call_ledger.telephone_rank(live.customer_number)::integer - call_ledger.telephone_rank(f.value #>> '{}')::integer
        else 0
      end as known_better,
      nullif(to_jsonb(live) -> f.key, '"unknown"') as known, f.value,
      coalesce(live.fact_versions ->> f.key, 'p') as version
    from jsonb_each(event) f
    where f.key in ('agent_id', 'direction', 'customer_number', 'lead_id', 'metadata') and jsonb_typeof(f.value) <> 'null'
  ), stale_fact as (
    select f.key from fact f
    where jsonb_typeof(f.known) <> 'null'
      and (f.known_better > 0
        or f.known_better = 0 and (f.version = 'p' or f.version like 'c%' and f.known = f.value))
  ), field as (
    select f.key, f.value, to_jsonb(report) -> f.key as known,
      call_ledger.current_report_version(coalesce(report.field_versions ->> f.key, report.report_version)) as version
    from jsonb_each(event -> 'report') f
    where jsonb_typeof(f.value) <> 'null'
  ), news as (
    -- json_object_agg and a cast: jsonb_object_agg copies each string in a time that grows with all that follows it in its value.
    select coalesce(json_object_agg(f.key, f.value)::jsonb, '{}') as report
    from field f
    where case
      when f.key = 'ended_at' then coalesce(report.ended_at, live.ended_at) is null
      when jsonb_typeof(coalesce(f.known, 'null')) = 'null' then true
      else f.version like 'a%' or f.version like 'c%' and f.known <> f.value
    end
  )
  select event - array(select key from stale_fact)
    - case when n.report ? 'recording_url' then '' else 'recordings' end
    || case when event ? 'report' then jsonb_build_object('report', n.report) else '{}' end
  from news n
  where n.report <> '{}'
    or (select count(*) from fact) > (select count(*) from stale_fact)
    or coalesce((event ->> 'phase')::public.call_phase > live.phase, event ? 'phase' and live.phase is null)
    or (event ? 'ended_rank' and live.ended_rank is null)
$$;

grant execute on function call_ledger.caller_news(jsonb, public.call_tracking, public.call_logs) to call_ledger_definer;

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
    -- json_object_agg and a cast: jsonb_object_agg copies each string in a time that grows with all that follows it in its value.
    select b.org_id, b.call_id,
      json_object_agg(b.field, b.value) filter (where b.part is null)::jsonb as fields,
      json_object_agg(b.part, b.value) filter (where b.field = 'analysis' and b.part is not null)::jsonb as analysis,
      json_object_agg(b.part, b.value)
        filter (where b.field = 'cost_breakdown' and b.part is not null)::jsonb as cost_breakdown,
      json_object_agg(b.part, b.value) filter (where b.field = 'details' and b.part is not null)::jsonb as details,
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
    -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
    select json_agg(document -> (e.ord - 1) order by e.ord) filter (where e.event_id is not null)::jsonb as events
    from unnest(batch) e
    where e.delivery = first.delivery) said
  where first.leads and reasons[first.ord] is not null
  order by first.account_id, first.content_key, first.ord
  on conflict (provider_account_id, content_key) do nothing;
end
$$;

-- Books the translated events that a quarantined delivery is stored with, and notes that it is booked. The payload has
-- moved to the event then, so it is not kept twice. Returns {outcome, reason}, the one that waits first; null: there is
-- no such delivery, or it could not be translated when it came.
create or replace function call_ledger.replay_quarantined(delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  result jsonb;
begin
  select jsonb_build_object('outcome', r.outcome, 'reason', r.reason) into result
  from public.quarantined_deliveries q
  cross join lateral public.record_deliveries((
      -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
      select json_agg(e.value || jsonb_build_object('ord', e.ordinality, 'delivery', 1) order by e.ordinality)::jsonb
      from jsonb_array_elements(q.events) with ordinality e), array[q.payload]) r
  where q.id = delivery_id and q.events is not null
  order by r.outcome = 'quarantined' desc, r.ord limit 1;

  if result ->> 'outcome' <> 'quarantined' then
    update public.quarantined_deliveries q set replayed_at = now(), payload = null
    where q.id = delivery_id and q.replayed_at is null;
  end if;
  return result;
end
$$;

grant execute on function call_ledger.replay_quarantined to call_ledger_api_operator;

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
    -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
    (select json_agg(
        s.event || jsonb_build_object('ord', s.ord, 'delivery', deliveries_before + s.place)
        order by s.ord)::jsonb from said s),
    (select array_agg(w.payload order by w.place) from waiting w)
  )::call_ledger.waiting_deliveries);
end
$$;

update call_ledger.schema_state set version = 50;
