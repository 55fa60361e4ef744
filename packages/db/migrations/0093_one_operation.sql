-- Lets plain drizzle-kit add its migrations only while no other operation works on the database. The operator's commands
-- hold this lock on a connection of their own, and say so with the setting.
create or replace function call_ledger.one_operation() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  refusal text;
begin
  if current_setting('call_ledger.operation', true) = 'on' or pg_try_advisory_xact_lock(x'63616c6c'::int) then
    return new;
  end if;
  refusal := format('%s works on this database: wait until it has ended, then migrate again', coalesce((
    select a.application_name from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.classid = 0 and l.objid = x'63616c6c'::int and l.objsubid = 1 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())), 'Another operation'));
  raise warning '%', refusal;  -- drizzle-kit prints warnings, and no errors
  raise exception '%', refusal using errcode = 'object_in_use';
end $$;--> statement-breakpoint
create trigger one_operation before insert on drizzle.__drizzle_migrations
for each row execute function call_ledger.one_operation();--> statement-breakpoint
select call_ledger.revoke_from_strangers();--> statement-breakpoint
update call_ledger.schema_state set version = 94;
