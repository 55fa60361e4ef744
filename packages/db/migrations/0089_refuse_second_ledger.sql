-- Roles belong to the server. A new ledger beside another one would share its roles, so drizzle-kit refuses it, as
-- `migrate` does: docs/adr/0029-one-ledger-a-server.md. Two ledgers that share a server already are warned.
do $$
declare
  others text := (
    select string_agg(distinct d.datname, ', ') from pg_shdepend s
    join pg_roles r on r.oid = s.refobjid and s.refclassid = 'pg_authid'::regclass
    join pg_database d on d.oid = s.dbid
    where d.datname <> current_database() and r.rolname in (
      'call_ledger_definer', 'call_ledger_writer', 'call_ledger_reader', 'call_ledger_worker', 'call_ledger_operator',
      'call_ledger_manager', 'call_ledger_api_operator'));
begin
  if others is null or current_setting('call_ledger.share_roles', true) = 'on' then
    return;
  end if;
  -- A new ledger gets all its migrations in one transaction.
  if not exists (select from drizzle.__drizzle_migrations where xmin <> pg_current_xact_id()::xid) then
    raise exception 'call-ledger is in the database % of this server too. Roles belong to the server, so the owner and the logins of one may read and write the other. Give each a server of its own, or, if they may share, run the command migrate --share-roles', others;
  end if;
  raise warning 'call-ledger is in the database % of this server too. Roles belong to the server, so the owner and the logins of one may read and write the other', others;
end $$;--> statement-breakpoint
update call_ledger.schema_state set version = 90;
