-- Books the translated events that a quarantined delivery is stored with, and notes that it is booked. The payload has
-- moved to the event then, so it is not kept twice. Returns {outcome, reason}, the one that waits first; null: there is
-- no such delivery, or it could not be translated when it came.
create or replace function call_ledger.replay_quarantined(delivery_id uuid) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  result jsonb;
begin
  select jsonb_build_object('outcome', r.outcome, 'reason', r.reason) into result
  from public.quarantined_deliveries q
  cross join lateral public.record_deliveries((
      select jsonb_agg(e.value || jsonb_build_object('ord', e.ordinality, 'delivery', 1) order by e.ordinality)
      from jsonb_array_elements(q.events) with ordinality e), array[q.payload]) r
  where q.id = delivery_id and q.events is not null
  order by r.outcome = 'quarantined' desc, r.ord limit 1;

  if result ->> 'outcome' <> 'quarantined' then
    update public.quarantined_deliveries q set replayed_at = now(), payload = null
    where q.id = delivery_id and q.replayed_at is null;
  end if;
  return result;
end
$$;

grant execute on function call_ledger.replay_quarantined to call_ledger_api_operator;

grant create on schema public, call_ledger to call_ledger_definer;
alter function call_ledger.replay_quarantined(uuid) owner to call_ledger_definer;

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
    from unnest(array['call_ledger.replay_quarantined(uuid)']) as f (signature)
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

-- A payload in quarantine may be packed with one that is booked for the same call.
create policy api_operator_sees_all on call_routes for select to call_ledger_api_operator using (true);
grant select on table call_routes to call_ledger_api_operator;

update call_ledger.schema_state set version = 40;
