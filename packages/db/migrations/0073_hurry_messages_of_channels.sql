-- Makes the messages that wait for their next attempt due now: those of one channel, or of all; of channels of the
-- organization if one is named. Returns their number.
create or replace function call_ledger.hurry_alert_deliveries(wanted_channel uuid, of_org uuid) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
  hurried integer;
begin
  update public.alert_deliveries d set next_attempt_at = now()
  from public.alert_channels c
  where c.id = d.channel_id and (wanted_channel is null or c.id = wanted_channel) and (own is null or c.org_id = own)
    and d.status = 'pending' and d.lease_token is null and d.next_attempt_at > now();
  get diagnostics hurried = row_count;
  return hurried;
end
$$;

grant execute on function call_ledger.hurry_alert_deliveries to call_ledger_manager, call_ledger_api_operator;

-- Queues a test message for one channel, or for all; for channels of the organization if one is named. Returns the ids
-- of the messages. Messages that wait for their next attempt come before a test, so they are due now too.
create or replace function call_ledger.queue_test_alert(wanted_channel uuid, of_org uuid) returns setof uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- The organization of the session stands before the one that is asked for.
  own constant uuid := coalesce(nullif(current_setting('call_ledger.org_id', true), '')::uuid, of_org);
begin
  perform call_ledger.hurry_alert_deliveries(wanted_channel, of_org);
  return query
  insert into public.alert_deliveries (channel_id, news)
  select c.id, '[]' from public.alert_channels c
  where (wanted_channel is null or c.id = wanted_channel) and (own is null or c.org_id = own)
  returning id;
end
$$;

grant execute on function call_ledger.queue_test_alert to call_ledger_manager, call_ledger_api_operator;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.hurry_alert_deliveries(uuid, uuid) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.hurry_alert_deliveries(uuid, uuid)']) as f (signature)
    cross join (values
      ('call_ledger_writer', 'public.record_deliveries(jsonb, bytea[])'::regprocedure),
      ('call_ledger_worker', 'call_ledger.claim_recordings_in_turn(integer, boolean, integer, uuid, uuid[], integer)'::regprocedure)
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

update call_ledger.schema_state set version = 74;
