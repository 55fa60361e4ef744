-- Calls of an account that its provider is asked for by their ids, at most `most`, the newest first: those whose end or
-- report is overdue, and those whose agent is known by now. A call that was asked for is asked again when it is due, one
-- that the provider no longer has never.
create or replace function call_ledger.calls_to_ask(account_id uuid, most integer)
returns table (provider_call_id text, org_id uuid, created_at timestamptz, asks integer)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  select k.provider_call_id, k.org_id, k.created_at, k.asks
  from (
    select c.provider_call_id, c.org_id, coalesce(p.created_at, c.created_at) as created_at, coalesce(p.asks, 0) as asks
    from public.calls c
    left join public.provider_calls p
      on p.provider_account_id = c.provider_account_id and p.provider_call_id = c.provider_call_id
    where c.attention <> '{}' and c.attention && array['stuck', 'missing_report'] and c.provider_account_id = account_id
      and p.missing is distinct from 'gone'
      and (coalesce(p.asks, 0) = 0 or p.ask_at <= now())
    union
    select p.provider_call_id, p.org_id, p.created_at, p.asks
    from public.provider_calls p
    where p.provider_account_id = account_id and p.missing = 'unknown_agent'
      and (p.asks = 0 or p.ask_at <= now())
      and exists (
        select from public.agents g
        where g.provider_account_id = account_id and g.deleted_at is null
          and (g.provider_agent_id = p.provider_agent_id or g.provider_phone_number_id = p.provider_phone_number_id))) k
  order by k.created_at desc
  limit most;
end
$$;

grant execute on function call_ledger.calls_to_ask(uuid, integer) to call_ledger_worker;

-- Claims the account whose comparison with its provider is due longest; no row: none is. Accounts are those that have a
-- key of the provider's API, and the platform's that are named. `chosen` claims one account, whether or not it is due.
-- While a run is held, next_run_at is the end of its lease; nobody takes a run from who holds it.
create or replace function call_ledger.claim_reconciliation(
  platform_accounts uuid[], chosen uuid, lease_seconds integer)
returns table (
  provider_account_id uuid, org_id uuid, provider text, token uuid, compared_until timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  due uuid;
begin
  insert into public.reconciled_accounts (provider_account_id, org_id, provider)
  select a.id, a.org_id, a.provider from public.provider_accounts a
  where (a.id = any (platform_accounts) or (a.org_id is not null and a.api_key is not null))
    and not exists (select from public.reconciled_accounts r where r.provider_account_id = a.id)
  on conflict do nothing;

  select r.provider_account_id into due
  from public.reconciled_accounts r
  join public.provider_accounts a on a.id = r.provider_account_id
  where (a.id = any (platform_accounts) or (a.org_id is not null and a.api_key is not null))
    and case when chosen is null then r.next_run_at <= clock_timestamp()
      else r.provider_account_id = chosen and (r.lease_token is null or r.next_run_at <= clock_timestamp()) end
  order by r.next_run_at
  limit 1
  for no key update of r skip locked;
  if due is null then return; end if;

  return query
  update public.reconciled_accounts r set
    lease_token = gen_random_uuid(),
    next_run_at = clock_timestamp() + make_interval(secs => lease_seconds),
    started_at = clock_timestamp()
  where r.provider_account_id = due
  returning r.provider_account_id, r.org_id, r.provider, r.lease_token, r.compared_until;
end
$$;

grant execute on function call_ledger.claim_reconciliation(uuid[], uuid, integer) to call_ledger_worker;

-- What the ledger knows of each of some calls of an account, by their place. fetched: a JSON array of what the provider
-- says of each. `missing` says why a call cannot be booked: no organization has its agent, or it may be the call of
-- another one that had the agent or the number before (may_book_waiting).
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
    created_at timestamptz)) with ordinality
    as f (provider_call_id, provider_agent_id, provider_phone_number_id, our_number, created_at, place)
  cross join lateral (
    select a.provider, a.org_id from public.provider_accounts a where a.id = account_id limit 1) a
  left join lateral (
    select r.org_id from public.call_routes r
    where r.provider_account_id = account_id and r.provider_call_id = f.provider_call_id limit 1) r on true
  left join lateral (
    select g.org_id from public.agents g
    where r.org_id is null and a.org_id is null and g.provider_account_id = account_id and g.deleted_at is null
      and (g.provider_agent_id = f.provider_agent_id
        or g.provider_phone_number_id = f.provider_phone_number_id
        or g.phone_number = f.our_number)
    order by g.provider_agent_id = f.provider_agent_id desc,
      g.provider_phone_number_id = f.provider_phone_number_id desc
    limit 1) g on true
  cross join lateral (
    select coalesce(r.org_id, a.org_id, g.org_id) as org_id,
      case
        when coalesce(r.org_id, a.org_id, g.org_id) is null then 'unknown_agent'
        when g.org_id is not null and not call_ledger.may_book_waiting(g.org_id, account_id, f.provider_agent_id,
          f.provider_phone_number_id, f.our_number, f.created_at) then 'organization_conflict'
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

-- Deletes what is noted of providers' calls that were created before a time, at most `most`; returns how many.
create or replace function call_ledger.drop_provider_calls(before timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer;
begin
  perform call_ledger.check_retention(before);
  delete from public.provider_calls d
  using (
    select p.provider_account_id, p.provider_call_id from public.provider_calls p
    where p.created_at < before
    order by p.created_at
    limit most
    for update skip locked) k
  where d.provider_account_id = k.provider_account_id and d.provider_call_id = k.provider_call_id;
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

grant execute on function call_ledger.drop_provider_calls(timestamptz, integer) to call_ledger_worker;

-- Extends the lease of a run, and keeps between which times the account's calls are compared. The later one never goes
-- back; `come_from` is given by the first run, and by one after a gap. False: it is not held any more and has to end.
create or replace function call_ledger.extend_reconciliation(
  account_id uuid, held_token uuid, lease_seconds integer, come_from timestamptz, come_to timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.reconciled_accounts r set
    next_run_at = now() + make_interval(secs => lease_seconds),
    compared_since = coalesce(come_from, r.compared_since),
    compared_until = greatest(r.compared_until, come_to)
  where r.provider_account_id = account_id and r.lease_token = held_token;
  return found;
end
$$;

grant execute on function call_ledger.extend_reconciliation(uuid, uuid, integer, timestamptz, timestamptz) to call_ledger_worker;

-- Notes what a comparison has found of some calls of an account, a JSON array. What was lacked stays: the most of it. A call
-- that was asked for by its id (`asked`) is asked for again at `ask_at`, or never.
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

-- Ends a run with its result, or with why it has failed, or gives it back with neither; it is due again after so many
-- seconds. False: it is not held any more, somebody else will settle it.
create or replace function call_ledger.settle_reconciliation(
  account_id uuid, held_token uuid, again_seconds integer, outcome jsonb, failure text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.reconciled_accounts r set
    lease_token = null,
    next_run_at = now() + make_interval(secs => again_seconds),
    finished_at = case when num_nonnulls(outcome, failure) > 0 then now() else r.finished_at end,
    succeeded_at = case when outcome is not null then now() else r.succeeded_at end,
    result = coalesce(outcome, r.result),
    error = case when outcome is not null then null else coalesce(left(failure, 200), r.error) end
  where r.provider_account_id = account_id and r.lease_token = held_token;
  return found;
end
$$;

grant execute on function call_ledger.settle_reconciliation(uuid, uuid, integer, jsonb, text) to call_ledger_worker;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.calls_to_ask(uuid, integer) owner to call_ledger_definer;
alter function call_ledger.claim_reconciliation(uuid[], uuid, integer) owner to call_ledger_definer;
alter function call_ledger.compare_calls(uuid, jsonb) owner to call_ledger_definer;
alter function call_ledger.drop_provider_calls(timestamp with time zone, integer) owner to call_ledger_definer;
alter function call_ledger.extend_reconciliation(uuid, uuid, integer, timestamp with time zone, timestamp with time zone) owner to call_ledger_definer;
alter function call_ledger.note_provider_calls(uuid, jsonb) owner to call_ledger_definer;
alter function call_ledger.settle_reconciliation(uuid, uuid, integer, jsonb, text) owner to call_ledger_definer;

revoke create on schema public, call_ledger from call_ledger_definer;

select call_ledger.revoke_from_strangers();

-- Logins that were created before inherit nothing from their roles. Who may book is the writer's, who may claim
-- recordings the worker's.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array['call_ledger.calls_to_ask(uuid, integer)', 'call_ledger.claim_reconciliation(uuid[], uuid, integer)', 'call_ledger.compare_calls(uuid, jsonb)', 'call_ledger.drop_provider_calls(timestamp with time zone, integer)', 'call_ledger.extend_reconciliation(uuid, uuid, integer, timestamp with time zone, timestamp with time zone)', 'call_ledger.note_provider_calls(uuid, jsonb)', 'call_ledger.settle_reconciliation(uuid, uuid, integer, jsonb, text)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings(text[], integer, boolean, integer)'::regprocedure)
    ) as u (role, sign)
    join pg_catalog.pg_proc p on p.oid = u.sign
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee and r.rolcanlogin
    where has_function_privilege(u.role, f.signature, 'execute')
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;

update call_ledger.schema_state set version = 43;
