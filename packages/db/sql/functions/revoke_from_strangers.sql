-- Revokes the rights that PUBLIC and Supabase's default privileges grant. Every migration that creates an object calls
-- it last.
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
