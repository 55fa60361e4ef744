drop function public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb);

drop function public.update_call_completed_atomically(uuid, text, integer, uuid);

drop function public.update_call_with_recording_atomically(uuid, text, text, text, text, text);

-- What the three public functions share: books one call's events on the platform's account at Vapi, whose calls are what
-- these functions take. The id is trimmed as that of a delivery (boundedIdentifier in packages/domain/src/text/bounds.ts). Raises 22004 or 22023 for arguments that are no call, and what book_for_organization raises.
create or replace function call_ledger.book_for_caller(
  org_id uuid, vapi_call_id text, events jsonb[], out call_id uuid, out outcome text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  -- What JavaScript's trim removes.
  id constant text := btrim(vapi_call_id, E' \t\n\v\f\r\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007'
    '\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF');
begin
  if org_id is null then
    raise exception 'p_org_id is null: name the organization of the call' using errcode = '22004';
  end if;
  if id is null or length(id) not between 1 and 200 then
    raise exception 'p_vapi_call_id has to have 1 to 200 characters' using errcode = '22023';
  end if;
  select b.call_id, b.outcome into call_id, outcome
  from call_ledger.book_for_organization(
    org_id, 'vapi', '00000000-0000-4000-8000-000000000001', id, events) b;
end
$$;

-- Books that an inbound call rings. Idempotent; raises 22004, 22023, 23503 or 42501 with what to do.
-- The columns after `outcome` are those that the function of this name answered before call-ledger; the id of a call is one.
create or replace function public.create_inbound_call_atomically(
  p_org_id uuid, p_vapi_call_id text, p_agent_id uuid, p_phone_number text,
  p_lead_id uuid default null, p_metadata jsonb default null)
returns table (
  call_id uuid, outcome text, call_tracking_id uuid, call_logs_id uuid, success boolean, error_message text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if p_agent_id is not null and not exists (
    select from public.agents a where a.org_id = p_org_id and a.id = p_agent_id) then
    raise exception 'the organization has no such agent' using errcode = '23503', constraint = 'calls_agent_fkey';
  end if;
  return query
  select b.call_id, b.outcome, b.call_id, b.call_id, true,
    case when b.outcome = 'duplicate' then 'IDEMPOTENT_RETRY: Call already exists in system for this organization' end
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.progressed', 'event_type', 'create_inbound_call_atomically', 'phase', 'ringing',
      'direction', 'inbound', 'agent_id', p_agent_id, 'customer_number', nullif(p_phone_number, ''),
      'lead_id', p_lead_id, 'metadata', p_metadata)]) b;
end
$$;

grant execute on function public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)
  to call_ledger_writer;

-- Takes away what PUBLIC and Supabase's default privileges hand out; every migration that creates something calls it last.
create or replace function call_ledger.revoke_from_strangers() returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  stranger text;
  object text;
begin
  for stranger in
    select 'public' union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')
  loop
    for object in select t::text from call_ledger.own_tables() t loop
      execute format('revoke all on table %s from %s', object, stranger);
    end loop;
    for object in
      select p.oid::regprocedure::text
      from pg_catalog.pg_proc p
      where p.pronamespace = 'call_ledger'::regnamespace
         or (p.pronamespace = 'public'::regnamespace
             and p.proowner in (select oid from pg_catalog.pg_roles where rolname = 'call_ledger_definer'))
    loop
      execute format('revoke all on function %s from %s', object, stranger);
    end loop;
    execute format('revoke all on schema call_ledger from %s', stranger);
    execute format('revoke all on all tables in schema call_ledger from %s', stranger);
  end loop;

  -- service_role, which bypasses row-level security, may book by the three functions for callers and do nothing else.
  for object in
    select p.oid::regprocedure::text
    from pg_catalog.pg_proc p, pg_catalog.pg_roles r
    where r.rolname = 'service_role' and p.pronamespace = 'public'::regnamespace
      and p.proowner in (select oid from pg_catalog.pg_roles where rolname = 'call_ledger_definer')
      and p.proname in ('create_inbound_call_atomically', 'update_call_completed_atomically',
        'update_call_with_recording_atomically')
  loop
    execute format('grant execute on function %s to service_role', object);
  end loop;
end
$$;

-- Books that a call was completed, and how long it lasted. A call that is not there yet is created ended. A later
-- duration corrects an earlier one; what the provider has said stands. Idempotent;
-- raises 22004, 22023, 23503 or 42501 with what to do.
-- The columns after `outcome` are those that the function of this name answered before call-ledger. p_call_tracking_id may be
-- an id of that time, which the ledger does not know; it may not be another call's.
create or replace function public.update_call_completed_atomically(
  p_org_id uuid, p_vapi_call_id text, p_duration_seconds integer, p_call_tracking_id uuid default null)
returns table (
  call_id uuid, outcome text, call_logs_updated boolean, call_tracking_updated boolean, success boolean,
  error_message text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  booked record;
begin
  if p_duration_seconds < 0 then
    raise exception 'p_duration_seconds is negative' using errcode = '22023';
  end if;
  select b.call_id, b.outcome into booked
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.ended', 'event_type', 'update_call_completed_atomically', 'phase', 'ended',
      'outcome', 'completed', 'ended_rank', 0),
    jsonb_build_object(
      'kind', 'call.reported', 'event_type', 'update_call_completed_atomically',
      'report', jsonb_build_object('duration_seconds', p_duration_seconds,
        'ended_at', date_trunc('milliseconds', clock_timestamp())))]) b;
  if p_call_tracking_id <> booked.call_id and exists (
    select from public.call_tracking t where t.org_id = p_org_id and t.id = p_call_tracking_id) then
    raise exception 'p_call_tracking_id is the id of another call' using errcode = '22023';
  end if;
  return query select booked.call_id, booked.outcome, true, coalesce(p_call_tracking_id = booked.call_id, false), true, null::text;
end
$$;

grant execute on function public.update_call_completed_atomically(uuid, text, integer, uuid) to call_ledger_writer;

-- Books that a call was completed, with its recording and transcript if there are any: a URL is queued for upload, a storage
-- path is taken as stored. A later one corrects an earlier one of the caller's; what the provider has said, and what the
-- worker has stored, stands. Idempotent; raises 22004, 22023, 23503 or 42501 with what to do.
-- The columns after `outcome` are those that the function of this name answered before call-ledger.
create or replace function public.update_call_with_recording_atomically(
  p_org_id uuid, p_vapi_call_id text, p_recording_url text default null, p_recording_storage_path text default null,
  p_transcript text default null, p_call_type text default null)
returns table (
  call_id uuid, outcome text, call_logs_updated boolean, calls_updated boolean, success boolean, error_message text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  url constant text := nullif(split_part(split_part(p_recording_url, '?', 1), '#', 1), '');
  transcript constant text := case when p_transcript ~ '\S' then p_transcript end;
  path constant text := nullif(p_recording_storage_path, '');
  booked record;
begin
  if p_call_type is not null and p_call_type not in ('inbound', 'outbound', 'web') then
    raise exception 'p_call_type has to be inbound, outbound or web' using errcode = '22023';
  end if;
  select b.call_id, b.outcome into booked
  from call_ledger.book_for_caller(p_org_id, p_vapi_call_id, array[
    jsonb_build_object(
      'kind', 'call.ended', 'event_type', 'update_call_with_recording_atomically', 'phase', 'ended',
      'outcome', 'completed', 'ended_rank', 0, 'direction', p_call_type)]
    || case when num_nonnulls(url, transcript, path) > 0 then array[
      jsonb_build_object(
        'kind', 'call.reported', 'event_type', 'update_call_with_recording_atomically',
        'report', jsonb_build_object('recording_url', url, 'transcript', transcript,
          'ended_at', date_trunc('milliseconds', clock_timestamp())))
      || case when url is null then '{}'::jsonb else jsonb_build_object(
        'recordings', jsonb_build_array(jsonb_build_object(
          'channel', 'mono', 'recording_url', url, 'source_url', p_recording_url))) end] end) b;

  -- The upload job fetches the recording that the caller has named last, unless the provider has named one.
  update public.recording_upload_queue q set
    recording_url = url, source_url = p_recording_url, source_expires_at = null,
    status = case when q.status = 'fetching' then q.status else 'pending' end,
    attempts = case when q.status = 'fetching' then q.attempts else 0 end,
    next_attempt_at = case when q.status = 'fetching' then q.next_attempt_at else now() end,
    updated_at = now()
  from public.call_logs l
  where l.org_id = p_org_id and l.id = booked.call_id and l.recording_url = url
    and coalesce(l.field_versions ->> 'recording_url', l.report_version) like 'c%'
    and q.org_id = p_org_id and q.call_id = booked.call_id and q.channel = 'mono' and q.status <> 'stored'
    and q.source_url is distinct from p_recording_url;
  if found then booked.outcome := 'applied'; end if;

  if path is not null then
    insert into public.recording_upload_queue as q (org_id, call_id, channel, status, storage_path, recording_url, finished_at)
    values (p_org_id, booked.call_id, 'mono', 'stored', path, url, now())
    on conflict (org_id, call_id, channel) do update set
      status = 'stored', storage_path = excluded.storage_path, finished_at = excluded.finished_at,
      lease_until = null, last_error = null, updated_at = now()
    where q.status <> 'stored' or (q.sha256 is null and q.storage_path <> excluded.storage_path);
    if found then
      booked.outcome := 'applied';
      perform call_ledger.summarize_calls(array[p_org_id], array[booked.call_id]);
    end if;
  end if;
  return query select booked.call_id, booked.outcome, true, true, true, null::text;
end
$$;

grant execute on function public.update_call_with_recording_atomically(uuid, text, text, text, text, text)
  to call_ledger_writer;

grant create on schema public, call_ledger to call_ledger_definer;
alter function public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb) owner to call_ledger_definer;
alter function public.update_call_completed_atomically(uuid, text, integer, uuid) owner to call_ledger_definer;
alter function public.update_call_with_recording_atomically(uuid, text, text, text, text, text) owner to call_ledger_definer;

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
    from unnest(array['public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)', 'public.update_call_completed_atomically(uuid, text, integer, uuid)', 'public.update_call_with_recording_atomically(uuid, text, text, text, text, text)']) as f (signature)
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

update call_ledger.schema_state set version = 37;
