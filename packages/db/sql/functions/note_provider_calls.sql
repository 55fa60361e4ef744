-- Stores the results of a comparison for some calls of an account, a JSON array. Of the missing parts of a call, the
-- largest stays noted. A call that was requested by its id (`asked`) is requested again at `ask_at`, or never.
create or replace function call_ledger.note_provider_calls(account_id uuid, notes jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.provider_calls as p (
    provider_account_id, provider_call_id, org_id, provider_agent_id, provider_phone_number_id, created_at, has_ended,
    lacked, missing, asks, ask_at)
  select account_id, n.provider_call_id, n.org_id, n.provider_agent_id, n.provider_phone_number_id, n.created_at,
    n.has_ended, n.lacked, n.missing, n.asked::integer, n.ask_at
  from jsonb_to_recordset(notes) as n (
    provider_call_id text, org_id uuid, provider_agent_id text, provider_phone_number_id text, created_at timestamptz,
    has_ended boolean, lacked text, missing text, asked boolean, ask_at timestamptz)
  order by n.provider_call_id
  on conflict (provider_account_id, provider_call_id) do update set
    org_id = coalesce(excluded.org_id, p.org_id),
    provider_agent_id = coalesce(excluded.provider_agent_id, p.provider_agent_id),
    provider_phone_number_id = coalesce(excluded.provider_phone_number_id, p.provider_phone_number_id),
    has_ended = p.has_ended or excluded.has_ended,
    lacked = (
      select l.word from unnest(array['call', 'end', 'report', 'fields', 'progress']) with ordinality as l (word, rank)
      where l.word in (p.lacked, excluded.lacked) order by l.rank limit 1),
    missing = excluded.missing,
    asks = p.asks + excluded.asks,
    ask_at = case when excluded.asks > 0 then excluded.ask_at else p.ask_at end,
    compared_at = now();
end
$$;

grant execute on function call_ledger.note_provider_calls(uuid, jsonb) to call_ledger_worker;
