CREATE TABLE "database_sizes" (
	"at" timestamp with time zone PRIMARY KEY NOT NULL,
	"size_bytes" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "housekeeping_runs" (
	"name" text PRIMARY KEY NOT NULL,
	"every_seconds" integer NOT NULL,
	"next_run_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_token" uuid,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"succeeded_at" timestamp with time zone,
	"took_ms" integer,
	"result" jsonb,
	"error" text,
	"progress" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD COLUMN "object_held_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "recording_upload_queue_held_idx" ON "recording_upload_queue" USING btree ("object_held_until") WHERE "recording_upload_queue"."object_held_until" is not null;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD CONSTRAINT "recording_upload_queue_stored_is_not_held" CHECK ("recording_upload_queue"."status" <> 'stored' or "recording_upload_queue"."object_held_until" is null) NOT VALID;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" VALIDATE CONSTRAINT "recording_upload_queue_stored_is_not_held";--> statement-breakpoint
-- Housekeeping: its runs are claimed in the database, so that each is one for the cluster; its hands are functions.

-- What is there already stays in the list, whichever migrations came before.
do $$
declare
  names text;
begin
  select string_agg(quote_literal(format('%I.%I', c.relnamespace::regnamespace, c.relname)), ', ' order by t.place) into names
  from (
    select o.t, o.place from call_ledger.own_tables() with ordinality as o (t, place)
    union all
    select * from (values ('public.housekeeping_runs'::regclass, 1001), ('public.database_sizes'::regclass, 1002)) n) t (oid, place)
  join pg_catalog.pg_class c on c.oid = t.oid;
  execute format('create or replace function call_ledger.own_tables() returns setof regclass
    language sql stable set search_path = ''''
    return unnest(array[%s]::regclass[])', names);
end
$$;

do $$
declare
  own regclass;
begin
  foreach own in array array['public.housekeeping_runs', 'public.database_sizes']::regclass[] loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    execute format('create policy definer_books on %s to call_ledger_definer using (true) with check (true)', own);
    execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_definer', own);
  end loop;
end
$$;

grant delete on table processed_webhook_events, quarantined_deliveries to call_ledger_definer;

-- What the ledger knows of an object with one of our keys:
--   linked   a recording of its call is stored under this path
--   awaited  its upload job waits or is being worked on: an attempt may take it over
--   left     its upload job has ended without it
--   unknown  the ledger has the organization, but no such call or upload job
--   foreign  the ledger does not have the organization
create or replace function call_ledger.object_verdict(
  object_org_id uuid, object_call_id uuid, object_channel text, path text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  job_status text;
begin
  if exists (
    select from public.recording_upload_queue q
    where q.org_id = object_org_id and q.call_id = object_call_id and q.storage_path = path) then
    return 'linked';
  end if;
  select q.status into job_status from public.recording_upload_queue q
  where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel;
  return case
    when job_status in ('pending', 'fetching') then 'awaited'
    when job_status is not null then 'left'
    when exists (select from public.organizations o where o.id = object_org_id) then 'unknown'
    else 'foreign'
  end;
end
$$;

-- Claims the first of the named housekeeping jobs that is due, in the order in which they are named; no row: none is.
-- While a run is held, next_run_at is the end of its lease, so that a killed worker's run is due again.
-- By hand a job need not be due; nobody takes a run from who holds it.
create or replace function call_ledger.claim_housekeeping(
  jobs text[], intervals integer[], lease_seconds integer, by_hand boolean)
returns table (name text, token uuid, progress jsonb)
language plpgsql volatile security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  chosen text;
  its_interval integer;
begin
  insert into public.housekeeping_runs (name, every_seconds)
  select j.job, j.every
  from unnest(jobs, intervals) as j (job, every)
  where not exists (select from public.housekeeping_runs r where r.name = j.job)
  on conflict do nothing;

  select r.name, j.every into chosen, its_interval
  from unnest(jobs, intervals) with ordinality as j (job, every, place)
  join public.housekeeping_runs r on r.name = j.job
  -- Not now(): the row may be younger than this transaction, by whoever was waited for.
  where r.next_run_at <= clock_timestamp() or (by_hand and r.lease_token is null)
  order by j.place
  limit 1
  for no key update of r skip locked;
  if chosen is null then return; end if;

  return query
  update public.housekeeping_runs r set
    every_seconds = its_interval,
    lease_token = gen_random_uuid(),
    next_run_at = now() + make_interval(secs => lease_seconds),
    started_at = now()
  where r.name = chosen
  returning r.name, r.lease_token, r.progress;
end
$$;

-- Extends the lease of a housekeeping run and keeps how far it has come; false: it is not held any more and has to end.
create or replace function call_ledger.extend_housekeeping(
  job text, held_token uuid, lease_seconds integer, come_to jsonb) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.housekeeping_runs r set
    next_run_at = now() + make_interval(secs => lease_seconds),
    progress = coalesce(come_to, r.progress)
  where r.name = job and r.lease_token = held_token;
  return found;
end
$$;

-- Ends a housekeeping run with its result, or with why it has failed; then it is tried again within ten minutes.
-- False: it is not held any more, somebody else will settle it.
create or replace function call_ledger.settle_housekeeping(
  job text, held_token uuid, outcome jsonb, failure text) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.housekeeping_runs r set
    lease_token = null,
    next_run_at = case
      when failure is null then greatest(r.started_at + make_interval(secs => r.every_seconds), now())
      else now() + make_interval(secs => least(r.every_seconds, 600)) end,
    finished_at = now(),
    succeeded_at = case when failure is null then now() else r.succeeded_at end,
    took_ms = least(extract(epoch from now() - r.started_at) * 1000, 2147483647)::integer,
    result = coalesce(outcome, r.result),
    error = left(failure, 200)
  where r.name = job and r.lease_token = held_token;
  return found;
end
$$;

-- Gives a housekeeping run back, so that it is due at once for somebody else; false: it was not held any more.
create or replace function call_ledger.release_housekeeping(job text, held_token uuid) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.housekeeping_runs r set lease_token = null, next_run_at = now()
  where r.name = job and r.lease_token = held_token;
  return found;
end
$$;

-- Empties the payloads of the next events that were booked after `after` and before `before`, about `most` of them.
-- `reached`: everything up to then is done; it equals `before` when all is. Events of one transaction share their
-- created_at and are taken together; where they are too many, `reached` stays and the next call goes on among them.
create or replace function call_ledger.drop_payloads(
  after timestamptz, before timestamptz, most integer, out dropped integer, out reached timestamptz)
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
set jit = off
set lock_timeout = '500ms'
as $$
begin
  reached := coalesce((
    select e.created_at from public.processed_webhook_events e
    where e.created_at > after and e.created_at < before
    order by e.created_at
    offset most - 1 limit 1), before);

  update public.processed_webhook_events e set payload = null
  where e.ctid = any (array(
    select d.ctid from public.processed_webhook_events d
    where d.created_at > after and d.created_at <= reached and d.created_at < before and d.payload is not null
    order by d.created_at
    limit 2 * most));
  get diagnostics dropped = row_count;
  if dropped = 2 * most then reached := after; end if;
end
$$;

-- Deletes the next events that were booked after `after` and before `before`, about `most` of them; `reached` as in
-- drop_payloads. What they said stays in the calls' layers. An event that comes again afterwards is booked again,
-- which changes nothing, because the layers are joins and the call's route is kept.
create or replace function call_ledger.drop_events(
  after timestamptz, before timestamptz, most integer, out dropped integer, out reached timestamptz)
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
set jit = off
set lock_timeout = '500ms'
as $$
begin
  reached := coalesce((
    select e.created_at from public.processed_webhook_events e
    where e.created_at > after and e.created_at < before
    order by e.created_at
    offset most - 1 limit 1), before);

  delete from public.processed_webhook_events e
  where e.ctid = any (array(
    select d.ctid from public.processed_webhook_events d
    where d.created_at > after and d.created_at <= reached and d.created_at < before
    order by d.created_at
    limit 2 * most));
  get diagnostics dropped = row_count;
  if dropped = 2 * most then reached := after; end if;
end
$$;

-- Deletes quarantined deliveries: those that were replayed before one time, those that came before another; at most
-- `most`. Leaves out what somebody is booking at the moment. Returns how many.
create or replace function call_ledger.drop_quarantined(
  replayed_before timestamptz, received_before timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  dropped integer;
begin
  delete from public.quarantined_deliveries d
  where d.id = any (array(
    select q.id from public.quarantined_deliveries q
    where q.replayed_at < replayed_before or q.received_at < received_before
    limit most
    for update skip locked));
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

-- How many quarantined deliveries wait and since when the oldest does, in seconds; how many were replayed and are kept.
create or replace function call_ledger.quarantine_ages() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'waiting', count(*) filter (where q.replayed_at is null),
      'oldest_seconds', floor(extract(epoch from now() - min(q.received_at) filter (where q.replayed_at is null))),
      'replayed', count(*) filter (where q.replayed_at is not null))
    from public.quarantined_deliveries q);
end
$$;

-- Keeps the waiting deliveries of each provider account below `most_bytes`, the newest first: of what is beyond, the
-- payloads of deliveries that can be booked without go first, and where none is left, the oldest deliveries; at most
-- `most` of either a call. Zeros: nothing is beyond.
create or replace function call_ledger.cap_quarantine(
  most_bytes bigint, most integer, out payloads_dropped integer, out deliveries_dropped integer)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  beyond uuid[];
  bookable uuid[];
begin
  payloads_dropped := 0;
  deliveries_dropped := 0;
  -- The table as a whole is known at once; adding up its rows takes a scan.
  if pg_total_relation_size('public.quarantined_deliveries') <= most_bytes then return; end if;

  select array_agg(s.id order by s.received_at, s.id),
    array_agg(s.id order by s.received_at, s.id) filter (where s.payload_bytes > 0 and s.translated)
    into beyond, bookable
  from (
    select q.id, q.received_at, q.events is not null as translated,
      coalesce(pg_column_size(q.payload), 0) as payload_bytes,
      sum(coalesce(pg_column_size(q.payload), 0) + coalesce(pg_column_size(q.events), 0))
        over (partition by q.provider_account_id order by q.received_at desc, q.id desc) as running_bytes
    from public.quarantined_deliveries q where q.replayed_at is null) s
  where s.running_bytes > most_bytes;

  if bookable is not null then
    update public.quarantined_deliveries d set payload = null
    where d.id = any (array(
      select q.id from public.quarantined_deliveries q where q.id = any (bookable[1:most])
      for no key update skip locked));
    get diagnostics payloads_dropped = row_count;
  elsif beyond is not null then
    delete from public.quarantined_deliveries d
    where d.id = any (array(
      select q.id from public.quarantined_deliveries q where q.id = any (beyond[1:most])
      for update skip locked));
    get diagnostics deliveries_dropped = row_count;
  end if;
end
$$;

-- Gives back upload jobs whose lease ended more than `grace_seconds` ago and that no worker has taken over; at most
-- `most`. Waits for no lock, so it cannot be part of a deadlock with whoever holds a call. Returns how many.
-- Ends holds of hold_object too that ran out, because who took them has died.
create or replace function call_ledger.release_expired_leases(grace_seconds integer, most integer) returns integer
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
as $$
declare
  given_back integer;
begin
  update public.recording_upload_queue q set object_held_until = null
  from (
    select d.org_id, d.id from public.recording_upload_queue d
    where d.object_held_until < now()
    limit most
    for no key update skip locked) d
  where q.org_id = d.org_id and q.id = d.id;

  update public.recording_upload_queue q set
    status = 'pending', lease_until = null, lease_token = null, updated_at = now()
  from (
    select d.org_id, d.id from public.recording_upload_queue d
    where d.status = 'fetching' and d.next_attempt_at < now() - make_interval(secs => grace_seconds)
    limit most
    for no key update skip locked) d
  where q.org_id = d.org_id and q.id = d.id;
  get diagnostics given_back = row_count;
  return given_back;
end
$$;

-- Notes how large the database is now, in bytes, and forgets what was noted more than `keep_days` ago.
create or replace function call_ledger.record_database_size(keep_days integer) returns bigint
language plpgsql volatile security definer set search_path = ''
as $$
declare
  size bigint := pg_database_size(current_database());
begin
  insert into public.database_sizes (at, size_bytes) values (now(), size) on conflict do nothing;
  delete from public.database_sizes s where s.at < now() - make_interval(days => keep_days);
  return size;
end
$$;

-- What the ledger knows of each of some objects, by their place; the words are object_verdict's.
create or replace function call_ledger.judge_objects(
  org_ids uuid[], call_ids uuid[], channels text[], paths text[]) returns text[]
language plpgsql stable security definer
set search_path = ''
set enable_seqscan = off
as $$
begin
  return (
    select array_agg(call_ledger.object_verdict(o.org_id, o.call_id, o.channel, o.path) order by o.place)
    from unnest(org_ids, call_ids, channels, paths) with ordinality as o (org_id, call_id, channel, path, place));
end
$$;

-- Judges one object again, right before it is removed; the words are object_verdict's. Where it is left, nothing can be
-- linked to its upload job for so many seconds: an attempt that begins meanwhile finds that it has lost its lease.
create or replace function call_ledger.hold_object(
  object_org_id uuid, object_call_id uuid, object_channel text, path text, hold_seconds integer) returns text
language plpgsql volatile security definer
set search_path = ''
set enable_seqscan = off
set lock_timeout = '2s'
as $$
declare
  verdict text;
begin
  perform from public.recording_upload_queue q
  where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel
  for no key update;

  verdict := call_ledger.object_verdict(object_org_id, object_call_id, object_channel, path);
  if verdict = 'left' then
    -- A stored job is never worked on again, so nothing can be linked to it in any case.
    update public.recording_upload_queue q set
      object_held_until = clock_timestamp() + make_interval(secs => hold_seconds)
    where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel
      and q.status <> 'stored';
  end if;
  return verdict;
end
$$;

-- Ends what hold_object began.
create or replace function call_ledger.free_object(
  object_org_id uuid, object_call_id uuid, object_channel text) returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.recording_upload_queue q set object_held_until = null
  where q.org_id = object_org_id and q.call_id = object_call_id and q.channel = object_channel
    and q.object_held_until is not null;
end
$$;

-- Links a verified object to its call: the job is stored, the summary names the path. False: the lease was lost, or
-- what lies under its key is being removed; the job will be settled by a later attempt. Locks the call before the
-- queue row, as the write path does.
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
    last_error = null, deadline = null, lease_until = null, lease_token = null, object_held_until = null,
    finished_at = now(), updated_at = now()
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
    and (q.object_held_until is null or q.object_held_until <= clock_timestamp());
  if not found then return false; end if;

  perform call_ledger.summarize_calls(array[job_org_id], array[its_call]);
  return true;
end
$$;

-- What /health says of the database, in one round trip. Sizes in megabytes of 1,048,576 bytes, ages in seconds.
create or replace function call_ledger.ledger_status() returns jsonb
language plpgsql stable security definer set search_path = ''
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
      from public.recording_upload_queue q where q.status in ('pending', 'fetching')),
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

-- The worker's: they run as the definer.
do $$
declare
  fn regprocedure;
begin
  grant create on schema call_ledger to call_ledger_definer;
  foreach fn in array array[
    'call_ledger.claim_housekeeping(text[], integer[], integer, boolean)',
    'call_ledger.extend_housekeeping(text, uuid, integer, jsonb)',
    'call_ledger.settle_housekeeping(text, uuid, jsonb, text)',
    'call_ledger.release_housekeeping(text, uuid)',
    'call_ledger.drop_payloads(timestamptz, timestamptz, integer)',
    'call_ledger.drop_events(timestamptz, timestamptz, integer)',
    'call_ledger.drop_quarantined(timestamptz, timestamptz, integer)',
    'call_ledger.quarantine_ages()',
    'call_ledger.cap_quarantine(bigint, integer)',
    'call_ledger.release_expired_leases(integer, integer)',
    'call_ledger.record_database_size(integer)',
    'call_ledger.judge_objects(uuid[], uuid[], text[], text[])',
    'call_ledger.hold_object(uuid, uuid, text, text, integer)',
    'call_ledger.free_object(uuid, uuid, text)'
  ]::regprocedure[] loop
    execute format('alter function %s owner to call_ledger_definer', fn);
    execute format('revoke all on function %s from public', fn);
    execute format('grant execute on function %s to call_ledger_worker', fn);
  end loop;
  revoke create on schema call_ledger from call_ledger_definer;
end
$$;

select call_ledger.revoke_from_strangers();

grant execute on function call_ledger.object_verdict(uuid, uuid, text, text) to call_ledger_definer;

update call_ledger.schema_state set version = 7;
