-- Claims upload jobs that are due, at most `most`: those that wait, and those whose worker let its lease run out.
-- Organizations take turns by their ids, one job a turn, the first one after `after_org_id`; an organization of which the
-- caller would hold more than `max_per_org` jobs (held_org_ids: one entry a job) is passed over.
-- `newest` takes the newest job of an organization first: a worker that alternates lets no backlog starve today's calls.
-- While a job is leased, next_attempt_at is the end of its lease, so that one index finds both kinds.
-- Locks queue rows only and waits for none, so it cannot be part of a deadlock with whoever holds a call.
create or replace function call_ledger.claim_recordings_in_turn(
  most integer, newest boolean, lease_seconds integer, after_org_id uuid, held_org_ids uuid[], max_per_org integer)
returns table (
  org_id uuid, id uuid, lease_token uuid, call_id uuid, channel text, attempts integer,
  recording_url text, source_url text, source_expires_at timestamptz, queued_at timestamptz, call_ended_at timestamptz,
  provider text, provider_account_id uuid, provider_call_id text, account_hosts text[], waited_for_host text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  turn uuid := after_org_id;
  held uuid[] := held_org_ids;
  free integer := most;
  found_any boolean := after_org_id is not null;  -- since the first organization's turn, which may not have been yet
  job record;
begin
  while free > 0 loop
    if turn is null then
      select q.org_id into turn from public.recording_upload_queue q
      where q.status in ('pending', 'fetching')
      order by q.org_id limit 1;
    else
      select q.org_id into turn from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.org_id > turn
      order by q.org_id limit 1;
    end if;
    if turn is null then
      exit when not found_any;
      found_any := false;
      continue;
    end if;
    continue when cardinality(array_positions(held, turn)) >= max_per_org;

    -- What was claimed here began now.
    if newest then
      select q.id, q.waits_for_host into job from public.recording_upload_queue q
      where q.org_id = turn and q.status in ('pending', 'fetching') and q.next_attempt_at <= now()
        and q.started_at is distinct from now()
      order by q.next_attempt_at desc limit 1
      for no key update skip locked;
    else
      select q.id, q.waits_for_host into job from public.recording_upload_queue q
      where q.org_id = turn and q.status in ('pending', 'fetching') and q.next_attempt_at <= now()
        and q.started_at is distinct from now()
      order by q.next_attempt_at limit 1
      for no key update skip locked;
    end if;
    continue when not found;

    held := held || turn;
    free := free - 1;
    found_any := true;
    return query
    with claimed as (
      update public.recording_upload_queue q set
        status = 'fetching',
        attempts = q.attempts + 1,
        lease_token = gen_random_uuid(),
        lease_until = now() + make_interval(secs => lease_seconds),
        next_attempt_at = now() + make_interval(secs => lease_seconds),
        waits_for_host = null,
        started_at = now(),
        finished_at = null,
        updated_at = now()
      where q.org_id = turn and q.id = job.id
      returning q.*
    )
    select c.org_id, c.id, c.lease_token, c.call_id, c.channel, c.attempts,
      c.recording_url, c.source_url, c.source_expires_at, c.created_at, k.ended_at,
      k.provider, k.provider_account_id, k.provider_call_id, a.recording_hosts, job.waits_for_host
    from claimed c
    join public.calls k on k.org_id = c.org_id and k.id = c.call_id
    join public.provider_accounts a on a.id = k.provider_account_id;
  end loop;
end
$$;

grant execute on function call_ledger.claim_recordings_in_turn to call_ledger_worker;

-- What /health says of the database, in one round trip. Sizes in megabytes of 1,048,576 bytes, ages in seconds.
create or replace function call_ledger.ledger_status() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'database_size_mb', round(pg_database_size(current_database()) / 1048576.0, 1),
    'migration', (select s.version from call_ledger.schema_state s),
    'oldest_code', (select s.oldest_code from call_ledger.schema_state s),
    'queue', (
      select jsonb_build_object(
        'depth', count(*),
        'oldest_age_seconds', floor(extract(epoch from now() - min(q.created_at))))
      from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.waits_for_host is null),
    'dead', (select count(*) from public.recording_upload_queue q where q.status = 'failed'),
    'quarantined', (
      select count(*) from (
        select from public.quarantined_deliveries q where q.replayed_at is null limit 10000) q),
    'last_event_at', (select max(e.created_at) from public.processed_webhook_events e),
    'worker_age_seconds', (
      select extract(epoch from clock_timestamp() - max(h.last_run_at))
      from public.background_heartbeats h where h.name like 'worker:%'),
    'size_before', (
      select jsonb_build_object(
        'mb', round(s.size_bytes / 1048576.0, 3),
        'age_seconds', extract(epoch from clock_timestamp() - s.at))
      from public.database_sizes s where s.at > now() - interval '7 days' order by s.at limit 1),
    'late_jobs', (
      select coalesce(jsonb_agg(r.name order by r.name), '[]')
      from public.housekeeping_runs r
      where coalesce(r.succeeded_at, r.created_at) < now() - 3 * make_interval(secs => r.every_seconds)
        and (r.lease_token is null or r.next_run_at <= now())));
end
$$;

-- How many upload jobs are in each state but stored, which is not counted: it only grows.
-- `waiting`: pending until a host is allowed, or until the deadline; the others of that state are `pending`.
-- `due` of the pending ones could start now; `stale` of the fetching ones have a lease that ran out.
create or replace function call_ledger.recording_counts() returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return (
    select jsonb_build_object(
      'pending', count(*) filter (where q.status = 'pending' and q.waits_for_host is null),
      'waiting', count(*) filter (where q.status = 'pending' and q.waits_for_host is not null),
      'due', count(*) filter (where q.status = 'pending' and q.next_attempt_at <= now()),
      'fetching', count(*) filter (where q.status = 'fetching'),
      'stale', count(*) filter (where q.status = 'fetching' and q.lease_until <= now()))
    from public.recording_upload_queue q where q.status in ('pending', 'fetching'))
  || (
    select jsonb_build_object(
      'failed', count(*) filter (where q.status = 'failed'),
      'expired', count(*) filter (where q.status = 'expired'))
    from public.recording_upload_queue q where q.status in ('failed', 'expired'));
end
$$;

-- Books the failure of an attempt: pending (tried again at retry_at), failed or expired (given up), with the reason
-- and the deadline for a person to read. False: the lease was lost, somebody else will settle the job.
create or replace function call_ledger.settle_recording(
  job_org_id uuid, job_id uuid, token uuid, verdict text, reason text, retry_at timestamptz, last_chance timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if verdict is null or verdict not in ('pending', 'failed', 'expired') then
    raise exception 'verdict has to be pending, failed or expired' using errcode = '22023';
  end if;
  if (verdict = 'pending') <> (retry_at is not null) then
    raise exception 'retry_at goes with pending, and only with it' using errcode = '22023';
  end if;
  update public.recording_upload_queue q set
    status = verdict,
    last_error = left(reason, 500),
    next_attempt_at = coalesce(retry_at, q.next_attempt_at),
    deadline = last_chance,
    lease_until = null,
    lease_token = null,
    finished_at = case when verdict <> 'pending' then now() end,
    updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  return found;
end
$$;

-- Recomputes the summary of calls; the SQL twin of summarize in packages/domain/src/call/summary.ts.
-- The caller holds the calls' locks. Run as a statement of its own it sees what was committed while the locks were waited for.
create or replace function call_ledger.summarize_calls(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  update public.calls c set
    provider_account_id = s.provider_account_id,
    agent_id = s.agent_id,
    direction = s.direction,
    customer_number = s.customer_number,
    customer_name = s.customer_name,
    forwarded_to = s.forwarded_to,
    carrier_call_id = s.carrier_call_id,
    phase = s.phase,
    outcome = s.outcome,
    ended_reason = s.ended_reason,
    started_at = s.started_at,
    ended_at = s.ended_at,
    duration_seconds = s.duration_seconds,
    cost_usd = s.cost_usd,
    recording_storage_path = s.recording_storage_path,
    updated_at = now()
  from (
    select k.org_id, k.call_id, t.provider_account_id, t.agent_id, t.direction, t.customer_number,
      t.customer_name, coalesce(l.forwarded_to, t.forwarded_to) as forwarded_to, t.carrier_call_id, x.phase,
      case when x.phase = 'ended' then coalesce(x.ending_outcome, 'unknown') end as outcome,
      x.ended_reason, x.started_at, x.ended_at,
      case when x.start_version like 'p%' and x.end_version like 'p%'
        then coalesce(b.seconds, l.duration_seconds) else coalesce(l.duration_seconds, b.seconds) end as duration_seconds,
      l.cost_usd, q.storage_path as recording_storage_path
    from (
      select distinct org_id, call_id from unnest(org_ids, call_ids) as pair (org_id, call_id)) k
    cross join lateral (
      select t.*, coalesce(t.fact_versions ->> 'answered_at', 'p') as answered_version,
        coalesce(t.fact_versions ->> 'ended_at', 'p') as ended_version
      from public.call_tracking t where t.org_id = k.org_id and t.id = k.call_id limit 1) t
    cross join lateral (
      select l.report_version, l.started_at, l.ended_at, l.ended_reason, l.outcome, l.duration_seconds, l.cost_usd,
        l.forwarded_to,
        call_ledger.current_report_version(coalesce(l.field_versions ->> 'started_at', l.report_version)) as start_version,
        call_ledger.current_report_version(coalesce(l.field_versions ->> 'ended_at', l.report_version)) as end_version
      from public.call_logs l where l.org_id = k.org_id and l.id = k.call_id limit 1) l
    left join lateral (
      select q.storage_path from public.recording_upload_queue q
      where q.org_id = k.org_id and q.call_id = k.call_id and q.status = 'stored'
      order by array_position(array['mono', 'stereo', 'customer', 'assistant'], q.channel) limit 1) q on true
    cross join lateral (
      select
        case when l.report_version is null then t.phase::text else 'ended' end as phase,
        case when d.live_starts then t.answered_at else l.started_at end as started_at,
        case when d.live_starts then t.answered_version else l.start_version end as start_version,
        case when d.live_ends then t.ended_at else l.ended_at end as ended_at,
        case when d.live_ends then t.ended_version else l.end_version end as end_version,
        case when d.live_decides then t.outcome else l.outcome end as ending_outcome,
        case when d.live_decides then t.ended_reason else l.ended_reason end as ended_reason
      from (
        -- The first letter of a version says whose word it is; the report's stands, unless it is trusted less.
        select l.started_at is null or coalesce(
            t.answered_at is not null and left(t.answered_version, 1) collate "C" > left(l.start_version, 1), false) as live_starts,
          l.ended_at is null or coalesce(
            t.ended_at is not null and left(t.ended_version, 1) collate "C" > left(l.end_version, 1), false) as live_ends,
          l.outcome is null
            or (l.outcome = 'unknown' and t.outcome is not null and t.outcome <> 'unknown') as live_decides) d) x
    cross join lateral (
      select case when x.ended_at >= x.started_at then
        least(round(extract(epoch from x.ended_at - x.started_at)), 2147483647)::integer end as seconds) b
  ) s
  where c.org_id = s.org_id and c.id = s.call_id
    and (c.provider_account_id, c.agent_id, c.direction, c.customer_number, c.customer_name,
         c.forwarded_to, c.carrier_call_id, c.phase, c.outcome, c.ended_reason,
         c.started_at, c.ended_at, c.duration_seconds, c.cost_usd, c.recording_storage_path)
      is distinct from
        (s.provider_account_id, s.agent_id, s.direction, s.customer_number, s.customer_name,
         s.forwarded_to, s.carrier_call_id, s.phase, s.outcome, s.ended_reason,
         s.started_at, s.ended_at, s.duration_seconds, s.cost_usd, s.recording_storage_path);
end
$$;

-- Books that a recording may not be fetched from a host yet: the job is pending, the attempt does not count, and it is
-- tried again at retry_at, or when wake_waiting_recordings makes it due. False: the lease was lost.
create or replace function call_ledger.wait_for_host(
  job_org_id uuid, job_id uuid, token uuid, host text, reason text, retry_at timestamptz, last_chance timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if host is null or retry_at is null then
    raise exception 'give the host and retry_at' using errcode = '22023';
  end if;
  update public.recording_upload_queue q set
    status = 'pending',
    attempts = q.attempts - 1,
    waits_for_host = host,
    last_error = left(reason, 500),
    next_attempt_at = retry_at,
    deadline = last_chance,
    lease_until = null,
    lease_token = null,
    updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  return found;
end
$$;

grant execute on function call_ledger.wait_for_host to call_ledger_worker;

-- Makes the upload jobs due that wait for a host to be allowed: all of them, or those of one account's calls. Waits for no
-- lock, so it cannot be part of a deadlock with whoever holds a call. Returns how many.
create or replace function call_ledger.wake_waiting_recordings(account_id uuid) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  woken integer;
begin
  update public.recording_upload_queue q set next_attempt_at = now(), updated_at = now()
  from (
    select d.org_id, d.id from public.recording_upload_queue d
    join public.calls k on k.org_id = d.org_id and k.id = d.call_id
    where d.status = 'pending' and d.waits_for_host is not null
      and (account_id is null or k.provider_account_id = account_id)
    for no key update of d skip locked) d
  where q.org_id = d.org_id and q.id = d.id;
  get diagnostics woken = row_count;
  return woken;
end
$$;

grant execute on function call_ledger.wake_waiting_recordings to call_ledger_worker;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.claim_recordings_in_turn(integer, boolean, integer, uuid, uuid[], integer) owner to call_ledger_definer;
alter function call_ledger.wait_for_host(uuid, uuid, uuid, text, text, timestamp with time zone, timestamp with time zone) owner to call_ledger_definer;
alter function call_ledger.wake_waiting_recordings(uuid) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.claim_recordings_in_turn(integer, boolean, integer, uuid, uuid[], integer)', 'call_ledger.wait_for_host(uuid, uuid, uuid, text, text, timestamp with time zone, timestamp with time zone)', 'call_ledger.wake_waiting_recordings(uuid)']) as f (signature)
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

update call_ledger.schema_state set version = 19;
