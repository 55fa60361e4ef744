-- Extends the lease of one upload job; false: it is not held any more, so the work on it has to stop.
-- One job a call: who locks several queue rows has to lock their calls first.
create or replace function call_ledger.extend_recording(
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

grant execute on function call_ledger.extend_recording to call_ledger_worker;

-- The name of extend_recording in the release before, which runs on this schema during a roll-out.
create or replace function call_ledger.extend_recording_lease(
  job_org_id uuid, job_id uuid, token uuid, lease_seconds integer) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  return call_ledger.extend_recording(job_org_id, job_id, token, lease_seconds);
end
$$;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.extend_recording(uuid, uuid, uuid, integer) owner to call_ledger_definer;

revoke create on schema public, call_ledger from call_ledger_definer;

select call_ledger.revoke_from_strangers();

-- Logins that were created before inherit nothing from the roles.
do $$
declare
  wanted record;
begin
  for wanted in
    select f.signature, r.rolname
    from unnest(array['call_ledger.extend_recording(uuid, uuid, uuid, integer)']) as f (signature)
    cross join pg_catalog.pg_proc p
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee
    where p.oid = 'public.record_deliveries(jsonb, bytea[])'::regprocedure and r.rolcanlogin
      and (has_function_privilege('call_ledger_writer', f.signature, 'execute')
        or has_function_privilege('call_ledger_worker', f.signature, 'execute'))
  loop
    execute format('grant execute on function %s to %I', wanted.signature, wanted.rolname);
  end loop;
end
$$;

update call_ledger.schema_state set version = 10;
