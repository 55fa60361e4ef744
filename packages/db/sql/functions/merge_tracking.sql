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
