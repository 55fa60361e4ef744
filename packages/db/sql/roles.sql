-- Who may do what. Runs as the migrator; every statement can be run again.
create schema if not exists call_ledger;

comment on schema call_ledger is 'What call-ledger keeps out of the public API: types, helper functions, the state of the schema.';

-- One row: the newest migration of this schema, and the oldest release of the code that may still run on it.
create table call_ledger.schema_state (
  one_row boolean primary key default true check (one_row),
  version integer not null,
  oldest_code integer not null
);

insert into call_ledger.schema_state (version, oldest_code) values (1, 1);

-- Roles belong to the cluster: another database may be creating or granting them at this moment.
do $$
declare
  wanted text;
  attempt integer;
begin
  foreach wanted in array array['call_ledger_definer', 'call_ledger_writer', 'call_ledger_reader',
                                'call_ledger_worker', 'call_ledger_operator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;

  foreach wanted in array array['call_ledger_definer', 'call_ledger_operator'] loop
    for attempt in 1..20 loop
      exit when pg_has_role(current_user, wanted, 'usage');
      begin
        execute format('grant %I to current_user', wanted);
      exception
        when unique_violation or internal_error then
          if attempt = 20 then raise; end if;
          perform pg_sleep(0.05);
      end;
    end loop;
  end loop;
end
$$;

-- The tables of this product, by name: a database may hold other people's tables beside them.
create function call_ledger.own_tables() returns setof regclass
language sql stable set search_path = ''
return unnest(array[
  'public.organizations', 'public.provider_accounts', 'public.agents', 'public.api_keys',
  'public.calls', 'public.call_tracking', 'public.call_logs', 'public.call_transcripts',
  'public.call_routes', 'public.processed_webhook_events', 'public.quarantined_deliveries',
  'public.recording_upload_queue', 'public.background_heartbeats'
]::regclass[]);

-- Takes away what PUBLIC and Supabase's default privileges hand out; every migration that creates something calls it last.
create function call_ledger.revoke_from_strangers() returns void
language plpgsql set search_path = ''
as $$
declare
  stranger text;
  object text;
begin
  for stranger in
    select 'public' union all
    select quote_ident(rolname) from pg_catalog.pg_roles where rolname in ('anon', 'authenticated')
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
end
$$;

-- Row-level security on every table, tenant or not, forced on the owner too.
do $$
declare
  own regclass;
begin
  for own in select t from call_ledger.own_tables() t loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    execute format('create policy definer_books on %s to call_ledger_definer using (true) with check (true)', own);
    execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
  end loop;
end
$$;

-- The reader sees one organization: the one named for the transaction.
do $$
declare
  tenant regclass;
begin
  foreach tenant in array array['agents', 'calls', 'call_tracking', 'call_logs', 'call_transcripts',
                                'processed_webhook_events', 'recording_upload_queue']::regclass[] loop
    execute format(
      'create policy reader_sees_own_organization on %s for select to call_ledger_reader
       using (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)', tenant);
    execute format('grant select on table %s to call_ledger_reader', tenant);
  end loop;
end
$$;

create policy reader_sees_own_organization on organizations for select to call_ledger_reader
  using (id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
grant select on table organizations to call_ledger_reader;

-- The worker keeps the queue and says that it is alive.
create policy worker_keeps_queue on recording_upload_queue to call_ledger_worker using (true) with check (true);
grant select, update on table recording_upload_queue to call_ledger_worker;
create policy worker_beats on background_heartbeats to call_ledger_worker using (true) with check (true);
grant select, insert, update on table background_heartbeats to call_ledger_worker;

-- What the write functions need, and no more.
grant usage on schema public, call_ledger to call_ledger_definer;
grant usage on schema public, call_ledger to call_ledger_operator;
grant usage on schema public, call_ledger to call_ledger_writer;
grant usage on schema public to call_ledger_reader, call_ledger_worker;
grant select on table organizations, provider_accounts, agents, background_heartbeats to call_ledger_definer;
grant select, insert, update on table calls, call_tracking, call_logs, call_routes, call_transcripts,
  processed_webhook_events, quarantined_deliveries, recording_upload_queue to call_ledger_definer;
grant select on table call_ledger.schema_state to call_ledger_definer, call_ledger_operator, call_ledger_writer;

-- An organization's agents are registered under its own account or, by the operator, under the platform's.
create function call_ledger.check_agent_account() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (
    select from public.provider_accounts a
    where a.id = new.provider_account_id and a.org_id is not null and a.org_id <> new.org_id
  ) then
    raise exception 'the provider account belongs to another organization'
      using errcode = '23514', constraint = 'agents_account_of_own_organization';
  end if;
  return new;
end
$$;

create trigger agents_account_of_own_organization
  before insert or update of org_id, provider_account_id on agents
  for each row execute function call_ledger.check_agent_account();

-- The platform's own account at each provider; its id is fixed, because event ids are made before any lookup.
insert into provider_accounts (id, provider, name)
values ('00000000-0000-4000-8000-000000000001', 'vapi', 'platform')
on conflict do nothing;

-- Payloads arrive compressed; Postgres need not try again.
alter table processed_webhook_events alter column payload set storage external;
alter table quarantined_deliveries alter column payload set storage external;

select call_ledger.revoke_from_strangers();
