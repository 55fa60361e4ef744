-- Repetitions are looked up with a function that only reads.
-- Whether every event of a document (as for record_deliveries) is booked already and brings nothing new. Only reads.
create or replace function call_ledger.are_booked(document jsonb) returns boolean
language plpgsql stable security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
  return (
    select cardinality(call_ledger.already_booked(array_agg(e order by e.ord))) = count(*)
    from jsonb_populate_recordset(null::call_ledger.incoming_event, document) e);
end
$$;

do $$
declare
  fn constant regprocedure := 'call_ledger.are_booked(jsonb)';
  login name;
begin
  grant create on schema call_ledger to call_ledger_definer;
  execute format('alter function %s owner to call_ledger_definer', fn);
  revoke create on schema call_ledger from call_ledger_definer;
  execute format('grant execute on function %s to call_ledger_writer', fn);
  -- Logins that were made before inherit nothing: whoever may book by a grant of its own gets this too.
  for login in
    select r.rolname
    from pg_catalog.pg_proc p
    cross join lateral aclexplode(p.proacl) g
    join pg_catalog.pg_roles r on r.oid = g.grantee
    where p.oid = 'public.record_deliveries(jsonb, bytea[])'::regprocedure and r.rolcanlogin
  loop
    execute format('grant execute on function %s to %I', fn, login);
  end loop;
end
$$;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 12;
