-- Creates and locks the calls of a batch, in order, after its routes, and returns call ids by place in the batch. The
-- worker and the SQL API lock the same rows. A call that comes over two accounts has two routes but one row. `opened`
-- names the calls whose report row has to be written although no report came: new calls, and calls that are now known
-- under a lesser account. A call that is fetched long after its end gets its end as the time when it was first seen.
-- Calls without a start are sorted and counted by that time, which must not be the time of the repair.
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
