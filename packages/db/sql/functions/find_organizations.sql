-- Locks the routes of a batch and finds the organization of each event: the one in the route, else the owner of the
-- account, else the owner of the first registered agent that the delivery names (agents_named). The first
-- booking decides. An agent that was the route's organization's when the call was first booked counts as its agent, even
-- if it was moved since. Evidence for another organization, or for two at once, gives organization_conflict; so does a
-- first delivery from a time when another organization had the agent. All results are arrays by place in the batch. With
-- `lock`, routes are first created and locked in order.
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
      array[e.org_id, a.org_id] || n.orgs
        -- A person, or the comparison with the provider, has decided about the others.
        || case when r.org_id is null and e.org_id is null and e.event_type <> 'reconciled-call' then n.earlier_orgs end
        as named_orgs
    from unnest(batch) e
    left join lateral (
      select r.org_id from public.call_routes r
      where r.provider_account_id = e.account_id and r.provider_call_id = e.provider_call_id limit 1) r on true
    left join lateral (
      select a.org_id from public.provider_accounts a where a.id = e.account_id limit 1) a on true
    cross join lateral (
      select least(e.occurred_at, (e.report ->> 'started_at')::timestamptz) as said_at) s
    cross join lateral (
      select (array_agg(n.id order by n.rank) filter (where n.counts))[1] as agent_id,
        (array_agg(n.provider_agent_id order by n.rank) filter (where n.counts))[1] as agent_name,
        (array_agg(n.by_id order by n.rank) filter (where n.counts))[1] as by_id,
        array_agg(n.org_id order by n.rank) filter (where n.counts) as orgs,
        array_agg(n.org_id) filter (where n.is_earlier) as earlier_orgs
      from (
        -- Of each name the agent that counts comes first.
        select n.*, row_number() over (partition by n.rank order by n.place) = 1 and n.place < 3 as counts,
          s.said_at between n.created_at and n.deleted_at
            and s.said_at < max(n.created_at) filter (where n.deleted_at is null) over (partition by n.rank) as is_earlier
        from (
          select n.*, case
            when n.deleted_at is null and n.org_id is not distinct from r.org_id then 0
            when n.deleted_at is not null and exists (
              select from public.calls c
              where c.org_id = r.org_id and c.org_id = n.org_id and c.provider = e.provider
                and c.provider_call_id = e.provider_call_id and c.created_at between n.created_at and n.deleted_at) then 1
            when n.deleted_at is null then 2
            else 3
          end as place
          from call_ledger.agents_named(
            e.account_id, e.provider_agent_id, e.provider_phone_number_id, e.our_number, e.also_named) n) n) n) n
  ), judged as (
    select s.*, exists (
      select from unnest(s.named_orgs) o where o <> s.named_org) as is_ambiguous
    from seen s
  ), routed as (
    select j.*, coalesce(j.route_org, first_value(case when not j.is_ambiguous then j.named_org end) over (
      partition by j.account_id, j.provider_call_id
      order by (j.is_ambiguous or j.named_org is null), j.ord)) as org
    from judged j
  ), decided as (
    select r.*,
      case
        when r.refusal is not null then r.refusal
        when r.is_settled then null
        when r.is_ambiguous or r.named_org <> r.org then 'organization_conflict'
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
