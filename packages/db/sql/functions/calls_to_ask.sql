-- Returns calls of an account that have to be requested from its provider by their ids, at most `most`, newest first:
-- those whose end or report is overdue, and those whose agent has become known. A call that was requested before is
-- returned when it is due again. A call that the provider no longer has is never returned. `missing`: what the last
-- comparison found, or null.
create or replace function call_ledger.calls_to_ask(account_id uuid, most integer)
returns table (provider_call_id text, org_id uuid, created_at timestamptz, missing text, asks integer)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  select k.provider_call_id, k.org_id, k.created_at, k.missing, k.asks
  from (
    select c.provider_call_id, c.org_id, coalesce(p.created_at, c.created_at) as created_at, p.missing,
      coalesce(p.asks, 0) as asks
    from public.calls c
    left join public.provider_calls p
      on p.provider_account_id = c.provider_account_id and p.provider_call_id = c.provider_call_id
    where c.attention <> '{}' and c.attention && array['stuck', 'missing_report'] and c.provider_account_id = account_id
      and p.missing is distinct from 'gone'
      and (coalesce(p.asks, 0) = 0 or p.ask_at <= now())
    union
    select p.provider_call_id, g.org_id, p.created_at, p.missing, p.asks
    from public.provider_calls p
    cross join lateral (
      select g.org_id from public.agents g
      where g.provider_account_id = account_id and g.deleted_at is null
        and (g.provider_agent_id = p.provider_agent_id or g.provider_phone_number_id = p.provider_phone_number_id)
      order by g.provider_agent_id is distinct from p.provider_agent_id
      limit 1) g
    where p.provider_account_id = account_id and p.missing = 'unknown_agent'
      and (p.asks = 0 or p.ask_at <= now())) k
  order by k.created_at desc
  limit most;
end
$$;

grant execute on function call_ledger.calls_to_ask(uuid, integer) to call_ledger_worker;
