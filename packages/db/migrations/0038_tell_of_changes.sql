-- The calls that transactions have changed which `since` (a snapshot) does not see, of one organization or of all, and
-- the snapshot to ask with next. What commits later than this answer is in the next one, in whatever order transactions
-- began: a place in a sequence could not promise that. `since` null: only where now is.
-- `reset`: the place is of another epoch, older than what is kept (50 minutes), or more than `most` calls have changed.
create or replace function call_ledger.call_changes_since(
  wanted_org uuid, its_epoch uuid, since text, since_at timestamptz, most integer) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  current_epoch uuid;
  before constant pg_snapshot := since::pg_snapshot;
  gap boolean;
  answer jsonb;
begin
  select e.epoch into current_epoch from public.call_change_epochs e;
  if current_epoch is null then
    insert into public.call_change_epochs default values on conflict do nothing;
    select e.epoch into current_epoch from public.call_change_epochs e;
  end if;
  gap := since is not null and (its_epoch is distinct from current_epoch
    or since_at < now() - interval '50 minutes' or since_at > now() + interval '5 minutes');

  -- One statement: the snapshot that is answered is the one that the changes were read in.
  select jsonb_build_object(
    'epoch', current_epoch, 'snapshot', pg_current_snapshot()::text, 'at', now(),
    'reset', gap or count(f.id) > most,
    'changes', case when count(f.id) <= most then coalesce(jsonb_agg(jsonb_build_object(
      'org_id', f.org_id, 'id', f.id, 'phase', f.phase, 'updated_at', f.updated_at) order by f.updated_at, f.id)
      filter (where f.id is not null), '[]') else '[]' end)
    into answer
  from (select) one
  left join (
    select c.org_id, c.id, c.phase, c.updated_at
    from (
      select distinct n.org_id, n.call_id from public.call_changes n
      where since is not null and not gap
        and n.changed_xid >= pg_snapshot_xmin(before) and not pg_visible_in_snapshot(n.changed_xid, before)
        and (wanted_org is null or n.org_id = wanted_org)
      limit most + 1) k
    join public.calls c on c.org_id = k.org_id and c.id = k.call_id) f on true;
  return answer;
end
$$;

grant execute on function call_ledger.call_changes_since to call_ledger_writer;

-- Forgets changes of calls that are older than an hour, at most `most`; returns how many. A stream may resume for less.
create or replace function call_ledger.drop_call_changes(most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  dropped integer;
begin
  -- Transactions number themselves about in the order of time, so the oldest stand first in the key.
  delete from public.call_changes n
  using (
    select o.changed_xid, o.org_id, o.call_id, o.changed_at
    from public.call_changes o order by o.changed_xid, o.org_id, o.call_id limit most) o
  where n.changed_xid = o.changed_xid and n.org_id = o.org_id and n.call_id = o.call_id
    and o.changed_at < now() - interval '1 hour';
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

grant execute on function call_ledger.drop_call_changes to call_ledger_worker;

-- Which of these API keys and sessions let nobody in any more.
create or replace function call_ledger.lapsed_credentials(ids uuid[]) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select k.id from unnest(ids) as k (id)
  where not exists (select from public.api_keys a where a.id = k.id and a.revoked_at is null)
    and not exists (
      select from public.sessions s
      where s.id = k.id and s.revoked_at is null and s.expires_at > now()
        and (s.org_id is null or exists (
          select from public.members m where m.org_id = s.org_id and m.id = s.member_id and m.removed_at is null)));
$$;

grant execute on function call_ledger.lapsed_credentials to call_ledger_writer;

-- Marks calls whose end or whose report is overdue, at most `most`; returns how many. Times are in seconds. A late event
-- takes a mark back (summarize_calls). Calls that somebody is booking for are left to the next run.
create or replace function call_ledger.mark_overdue_calls(
  before_connection_seconds integer, in_progress_seconds integer, report_seconds integer, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  before_connection constant interval := make_interval(secs => before_connection_seconds);
  in_progress constant interval := make_interval(secs => in_progress_seconds);
  for_report constant interval := make_interval(secs => report_seconds);
  held_orgs uuid[];
  held_calls uuid[];
  marked integer;
begin
  select array_agg(h.org_id), array_agg(h.id) into held_orgs, held_calls
  from (
    select c.org_id, c.id from public.calls c
    where c.awaits_report and c.attention = '{}'
      and call_ledger.overdue_mark(c.org_id, c.id, before_connection, in_progress, for_report) is not null
    order by c.created_at
    limit most
    for no key update of c skip locked) h;

  -- A statement of its own sees what was booked before the locks were taken.
  update public.calls c set attention = array[m.mark], updated_at = now()
  from (
    select k.org_id, k.id, call_ledger.overdue_mark(k.org_id, k.id, before_connection, in_progress, for_report) as mark
    from unnest(held_orgs, held_calls) as k (org_id, id)) m
  where c.org_id = m.org_id and c.id = m.id and m.mark is not null;
  get diagnostics marked = row_count;
  if marked > 0 then
    perform call_ledger.note_call_changes(held_orgs, held_calls);
  end if;
  return marked;
end
$$;

grant execute on function call_ledger.mark_overdue_calls(integer, integer, integer, integer) to call_ledger_worker;

-- Notes that this transaction changes calls, for the streams that tell of it (call_changes_since).
create or replace function call_ledger.note_call_changes(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.call_changes (org_id, call_id)
  select k.org_id, k.call_id from unnest(org_ids, call_ids) as k (org_id, call_id)
  where k.call_id is not null
  on conflict do nothing;
end
$$;

grant execute on function call_ledger.note_call_changes to call_ledger_definer;

-- The tables of this product, by name: a database may hold other people's tables beside them.
create or replace function call_ledger.own_tables() returns setof regclass
language sql stable set search_path = pg_catalog, pg_temp
return unnest(array[
  'public.organizations', 'public.provider_accounts', 'public.agents', 'public.api_keys',
  'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
  'public.call_annotations', 'public.share_links', 'public.account_contacts',
  'public.calls', 'public.call_tracking', 'public.call_logs', 'public.call_transcripts',
  'public.prompts', 'public.call_prompts', 'public.call_changes', 'public.call_change_epochs',
  'public.call_routes', 'public.processed_webhook_events', 'public.quarantined_deliveries',
  'public.recording_upload_queue', 'public.background_heartbeats', 'public.housekeeping_runs', 'public.database_sizes',
  'public.alert_channels', 'public.alarms', 'public.alert_deliveries', 'public.delivery_counts'
]::regclass[]);

-- Makes an upload due at once that was given up or waits for a host, with all its attempts; false: it is neither.
create or replace function call_ledger.retry_recording(its_org uuid, job_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
  its_call uuid;
begin
  select q.call_id into its_call from public.recording_upload_queue q where q.org_id = its_org and q.id = job_id;
  perform from public.calls c where c.org_id = its_org and c.id = its_call for no key update;
  update public.recording_upload_queue q set
    status = 'pending', attempts = 0, next_attempt_at = now(), finished_at = null, updated_at = now()
  where q.org_id = its_org and q.id = job_id
    and (q.status in ('failed', 'expired') or (q.status = 'pending' and q.waits_for_host is not null));
  if not found then return false; end if;
  perform call_ledger.note_call_changes(array[its_org], array[its_call]);
  return true;
end
$$;

grant execute on function call_ledger.retry_recording to call_ledger_writer;

-- Books the failure of an attempt: pending (tried again at retry_at), failed or expired (given up), with the reason
-- and the deadline for a person to read. False: the lease was lost, somebody else will settle the job.
create or replace function call_ledger.settle_recording(
  job_org_id uuid, job_id uuid, token uuid, verdict text, reason text, retry_at timestamptz, last_chance timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  its_call uuid;
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
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
  returning q.call_id into its_call;
  if not found then return false; end if;
  perform call_ledger.note_call_changes(array[job_org_id], array[its_call]);
  return true;
end
$$;

-- Recomputes the summary of calls; the SQL twin of summarize in packages/domain/src/call/summary.ts.
-- Marks that depend on the clock are taken back, but for the report that is still missing.
-- Whoever asks has changed something of the calls, so streams are told of them. The caller holds the calls' locks. Run as a statement of its own it sees what was committed while the locks were waited for.
create or replace function call_ledger.summarize_calls(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  perform call_ledger.note_call_changes(org_ids, call_ids);
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
    caller_turns = s.caller_turns,
    attention = case when s.awaits_report and s.phase = 'ended' and 'missing_report' = any (c.attention)
      then array['missing_report'] else '{}' end || s.attention,
    awaits_report = s.awaits_report,
    started_at = s.started_at,
    ended_at = s.ended_at,
    duration_seconds = s.duration_seconds,
    cost_usd = s.cost_usd,
    recording_storage_path = s.recording_storage_path,
    updated_at = now()
  from (
    select k.org_id, k.call_id, t.provider_account_id, t.agent_id, t.direction, t.customer_number,
      t.customer_name, coalesce(l.forwarded_to, t.forwarded_to) as forwarded_to, t.carrier_call_id, x.phase,
      case when x.phase = 'ended' then call_ledger.outcome_of_ending(x.ending_word, x.caller_turns) end as outcome,
      case when x.phase = 'ended' then x.caller_turns end as caller_turns,
      case when x.phase = 'ended' and x.caller_turns = 0 and x.ending_word in ('completed', 'silence')
        then array['no_caller_speech'] else '{}' end as attention,
      l.report_version is null as awaits_report,
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
      select l.report_version, l.caller_turns, l.started_at, l.ended_at, l.ended_reason, l.outcome, l.duration_seconds, l.cost_usd,
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
        case when d.live_decides then t.outcome else l.outcome end as ending_word,
        case when t.caller_heard then greatest(l.caller_turns, 1) else l.caller_turns end as caller_turns,
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
         c.forwarded_to, c.carrier_call_id, c.phase, c.outcome, c.ended_reason, c.caller_turns,
         -- Null in rows of before the column: they have their report.
         c.awaits_report is true, c.attention,
         c.started_at, c.ended_at, c.duration_seconds, c.cost_usd, c.recording_storage_path)
      is distinct from
        (s.provider_account_id, s.agent_id, s.direction, s.customer_number, s.customer_name,
         s.forwarded_to, s.carrier_call_id, s.phase, s.outcome, s.ended_reason, s.caller_turns, s.awaits_report,
         case when s.awaits_report and s.phase = 'ended' and 'missing_report' = any (c.attention)
           then array['missing_report'] else '{}' end || s.attention,
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
declare
  its_call uuid;
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
  where q.org_id = job_org_id and q.id = job_id and q.status = 'fetching' and q.lease_token = token
  returning q.call_id into its_call;
  if not found then return false; end if;
  perform call_ledger.note_call_changes(array[job_org_id], array[its_call]);
  return true;
end
$$;

grant execute on function call_ledger.wait_for_host to call_ledger_worker;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.call_changes_since(uuid, uuid, text, timestamp with time zone, integer) owner to call_ledger_definer;
alter function call_ledger.drop_call_changes(integer) owner to call_ledger_definer;
alter function call_ledger.lapsed_credentials(uuid[]) owner to call_ledger_definer;
alter function call_ledger.retry_recording(uuid, uuid) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.call_changes_since(uuid, uuid, text, timestamp with time zone, integer)', 'call_ledger.drop_call_changes(integer)', 'call_ledger.lapsed_credentials(uuid[])', 'call_ledger.retry_recording(uuid, uuid)']) as f (signature)
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

update call_ledger.schema_state set version = 39;
