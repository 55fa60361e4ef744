-- An empty search_path leaves pg_temp first for the names of tables and types: whoever may create a temporary domain
-- named text or uuid could run code of his own with the rights of the definer. Named last, pg_temp is never first.
do $$
declare
  pinned regprocedure;
begin
  for pinned in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where 'search_path=""' = any (p.proconfig)
      and (p.pronamespace = 'call_ledger'::regnamespace
        or (p.pronamespace = 'public'::regnamespace
          and p.proowner = (select oid from pg_catalog.pg_roles where rolname = 'call_ledger_definer')))
  loop
    execute format('alter function %s set search_path = pg_catalog, pg_temp', pinned);
  end loop;
end
$$;--> statement-breakpoint
-- No login of the ledger needs temporary objects. Only the database's owner can revoke; for others this is a warning.
do $$
begin
  execute format('revoke temporary on database %I from public', current_database());
end
$$;--> statement-breakpoint
update call_ledger.schema_state set version = 14;
