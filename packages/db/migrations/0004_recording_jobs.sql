-- The worker's functions: it claims, extends, gives back and settles upload jobs, and says that it is alive.
-- A worker says that it is alive and what it did; those that have been silent for a day are forgotten.
create or replace function call_ledger.beat(worker text, did jsonb) returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  if worker is null or worker not like 'worker:_%' then
    raise exception 'a worker''s name begins with worker:' using errcode = '22023';
  end if;
  insert into public.background_heartbeats as h (name, last_run_at, result)
  values (worker, clock_timestamp(), did)
  on conflict (name) do update set last_run_at = excluded.last_run_at, result = excluded.result;

  delete from public.background_heartbeats h
  where h.name like 'worker:%' and h.last_run_at < clock_timestamp() - interval '1 day';
end
$$;

-- Claims upload jobs that are due: those that wait, and those whose worker let its lease run out.
-- While a job is leased, next_attempt_at is the end of its lease, so that one index finds both kinds.
-- Locks queue rows only and waits for none, so it cannot be part of a deadlock with whoever holds a call.
-- `newest` takes the newest first: a worker that alternates lets no backlog starve today's calls.
create or replace function call_ledger.claim_recordings(
  channels text[], most integer, newest boolean, lease_seconds integer)
returns table (
  org_id uuid, id uuid, lease_token uuid, call_id uuid, channel text, attempts integer,
  recording_url text, source_url text, source_expires_at timestamptz, queued_at timestamptz, call_ended_at timestamptz,
  provider text, provider_account_id uuid, provider_call_id text)
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  orgs uuid[];
  due uuid[];
begin
  if newest then
    select array_agg(d.org_id), array_agg(d.id) into orgs, due
    from (
      select q.org_id, q.id from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.next_attempt_at <= now() and q.channel = any (channels)
      order by q.next_attempt_at desc
      limit most
      for no key update skip locked) d;
  else
    select array_agg(d.org_id), array_agg(d.id) into orgs, due
    from (
      select q.org_id, q.id from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.next_attempt_at <= now() and q.channel = any (channels)
      order by q.next_attempt_at
      limit most
      for no key update skip locked) d;
  end if;
  if due is null then return; end if;

  return query
  with claimed as (
    update public.recording_upload_queue q set
      status = 'fetching',
      attempts = q.attempts + 1,
      lease_token = gen_random_uuid(),
      lease_until = now() + make_interval(secs => lease_seconds),
      next_attempt_at = now() + make_interval(secs => lease_seconds),
      started_at = now(),
      finished_at = null,
      updated_at = now()
    from unnest(orgs, due) as d (org_id, id)
    where q.org_id = d.org_id and q.id = d.id
    returning q.*
  )
  select c.org_id, c.id, c.lease_token, c.call_id, c.channel, c.attempts,
    c.recording_url, c.source_url, c.source_expires_at, c.created_at, k.ended_at,
    k.provider, k.provider_account_id, k.provider_call_id
  from claimed c
  join public.calls k on k.org_id = c.org_id and k.id = c.call_id;
end
$$;

-- Extends the lease of one upload job; false: it is not held any more, so the work on it has to stop.
-- One job a call: who locks several queue rows has to lock their calls first.
create or replace function call_ledger.extend_recording_lease(
  job_org_id uuid, job_id uuid, token uuid, lease_seconds integer) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.recording_upload_queue q set
    lease_until = now() + make_interval(secs => lease_seconds),
    next_attempt_at = now() + make_interval(secs => lease_seconds)
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  return found;
end
$$;

-- How many upload jobs are in each state but stored, which is not counted: it only grows.
-- `due` of the pending ones could start now; `stale` of the fetching ones have a lease that ran out.
create or replace function call_ledger.recording_counts() returns jsonb
language plpgsql stable security definer
set search_path = ''
set enable_seqscan = off
as $$
begin
  return (
    select jsonb_build_object(
      'pending', count(*) filter (where q.status = 'pending'),
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

-- Gives the lease of one upload job back, as if it had never been claimed; false: it was not held any more.
create or replace function call_ledger.release_recording(job_org_id uuid, job_id uuid, token uuid) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.recording_upload_queue q set
    status = 'pending', attempts = q.attempts - 1, next_attempt_at = now(),
    lease_until = null, lease_token = null, started_at = null, updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  return found;
end
$$;

-- Books the failure of an attempt: pending (tried again at retry_at), failed or expired (given up), with the reason
-- and the deadline for a person to read. False: the lease was lost, somebody else will settle the job.
create or replace function call_ledger.settle_recording(
  job_org_id uuid, job_id uuid, token uuid, verdict text, reason text, retry_at timestamptz, last_chance timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = ''
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
    last_error = left(reason, 200),
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

-- Links a verified object to its call: the job is stored, the summary names the path. False: the lease was lost,
-- somebody else will settle the job. Locks the call before the queue row, as the write path does.
create or replace function call_ledger.store_recording(
  job_org_id uuid, job_id uuid, token uuid, path text, size bigint, digest bytea) returns boolean
language plpgsql volatile security definer
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  its_call uuid;
begin
  select q.call_id into its_call from public.recording_upload_queue q where q.org_id = job_org_id and q.id = job_id;
  perform from public.calls c where c.org_id = job_org_id and c.id = its_call for no key update;

  update public.recording_upload_queue q set
    status = 'stored', storage_path = path, size_bytes = size, sha256 = digest,
    last_error = null, deadline = null, lease_until = null, lease_token = null,
    finished_at = now(), updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token;
  if not found then return false; end if;

  perform call_ledger.summarize_calls(array[job_org_id], array[its_call]);
  return true;
end
$$;

-- The worker touches the queue through these functions; they run as the definer, who books.
do $$
declare
  fn regprocedure;
begin
  grant create on schema call_ledger to call_ledger_definer;
  foreach fn in array array[
    'call_ledger.beat(text, jsonb)',
    'call_ledger.claim_recordings(text[], integer, boolean, integer)',
    'call_ledger.extend_recording_lease(uuid, uuid, uuid, integer)',
    'call_ledger.recording_counts()',
    'call_ledger.release_recording(uuid, uuid, uuid)',
    'call_ledger.settle_recording(uuid, uuid, uuid, text, text, timestamptz, timestamptz)',
    'call_ledger.store_recording(uuid, uuid, uuid, text, bigint, bytea)'
  ]::regprocedure[] loop
    execute format('alter function %s owner to call_ledger_definer', fn);
    execute format('revoke all on function %s from public', fn);
    execute format('grant execute on function %s to call_ledger_worker', fn);
  end loop;
  revoke create on schema call_ledger from call_ledger_definer;
end
$$;

grant usage on schema call_ledger to call_ledger_worker;
grant insert, update, delete on table background_heartbeats to call_ledger_definer;

-- What the worker may do, it may do through the functions.
revoke select, update on table recording_upload_queue from call_ledger_worker;
drop policy worker_keeps_queue on recording_upload_queue;
revoke select, insert, update on table background_heartbeats from call_ledger_worker;
drop policy worker_beats on background_heartbeats;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 5;
