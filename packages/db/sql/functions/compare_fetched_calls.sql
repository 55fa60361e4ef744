-- Returns what the ledger knows of each of some calls of an account, by their place. fetched: a JSON array with the
-- provider's facts of each call. `missing` says why a call cannot be booked: no organization has its agent, or the call
-- may belong to another organization that has or had an agent or a number in it (may_book_named). A person decides that
-- with `decided_org_id`: calls of its agents are its calls. A call that came over another account of another
-- organization, or with an agent of one, is in the list because both accounts have keys of one customer of the provider. A call whose agent was removed
-- after it has the organization of that agent, and the reason unknown_agent.
create or replace function call_ledger.compare_fetched_calls(account_id uuid, fetched jsonb, decided_org_id uuid)
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
  left join lateral (
    select exists (
      select from public.provider_accounts o
      join public.call_routes x on x.provider_account_id = o.id and x.provider_call_id = f.provider_call_id
      where o.provider = a.provider and o.id <> account_id and x.org_id <> coalesce(a.org_id, g.org_id)
    ) or exists (
      select from public.agents x
      join public.provider_accounts o on o.id = x.provider_account_id
      where a.org_id is not null and x.org_id <> a.org_id and x.deleted_at is null and o.provider = a.provider
        and (x.provider_agent_id = f.provider_agent_id or x.provider_phone_number_id = f.provider_phone_number_id)
    ) as is_others
    where r.org_id is null) s on true
  left join lateral (
    -- The organization that had the agent at the time of the call, if it was only one.
    select case when min(x.org_id::text) = max(x.org_id::text) then min(x.org_id::text)::uuid end as org_id
    from call_ledger.agents_named(
      account_id, f.provider_agent_id, f.provider_phone_number_id, f.our_number, f.also_named) x
    where coalesce(r.org_id, a.org_id, g.org_id) is null
      and f.created_at between x.created_at - interval '1 day' and x.deleted_at) h on true
  cross join lateral (
    select case when s.is_others then null else coalesce(r.org_id, a.org_id, g.org_id, h.org_id) end as org_id,
      case
        when s.is_others then 'organization_conflict'
        when coalesce(r.org_id, a.org_id, g.org_id) is null then 'unknown_agent'
        when g.org_id <> coalesce(decided_org_id, '00000000-0000-0000-0000-000000000000')
          and not call_ledger.may_book_named(g.org_id, account_id, f.provider_agent_id,
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

grant execute on function call_ledger.compare_fetched_calls(uuid, jsonb, uuid) to call_ledger_worker;
