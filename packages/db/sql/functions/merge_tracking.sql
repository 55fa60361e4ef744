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
