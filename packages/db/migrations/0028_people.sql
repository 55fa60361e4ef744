-- People of organizations, their sessions, what they change and what they add to calls.
CREATE TABLE "account_contacts" (
	"provider_account_id" uuid PRIMARY KEY NOT NULL,
	"first_verified_at" timestamp with time zone,
	"last_verified_at" timestamp with time zone,
	"last_refused_at" timestamp with time zone,
	"last_refusal" text,
	CONSTRAINT "account_contacts_refusal_bounded" CHECK (length("account_contacts"."last_refusal") <= 200)
);
--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"actor_name" text,
	"action" text NOT NULL,
	"object_kind" text NOT NULL,
	"object_id" text,
	"before" jsonb,
	"after" jsonb,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_entries_actor_known" CHECK ("audit_entries"."actor_kind" in ('member', 'key', 'operator', 'system'))
);
--> statement-breakpoint
CREATE TABLE "call_annotations" (
	"org_id" uuid NOT NULL,
	"call_id" uuid NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"note" text,
	"external_ref" text,
	"external_url" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" text,
	CONSTRAINT "call_annotations_pkey" PRIMARY KEY("org_id","call_id"),
	CONSTRAINT "call_annotations_tags_bounded" CHECK (cardinality("call_annotations"."tags") <= 20),
	CONSTRAINT "call_annotations_note_bounded" CHECK (length("call_annotations"."note") <= 10000),
	CONSTRAINT "call_annotations_external_ref_bounded" CHECK (length("call_annotations"."external_ref") between 1 and 200),
	CONSTRAINT "call_annotations_external_url_is_web" CHECK ("call_annotations"."external_url" ~ '^https?://' and length("call_annotations"."external_url") <= 2000)
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"credential_id" uuid NOT NULL,
	"key" text NOT NULL,
	"org_id" uuid,
	"request_hash" "bytea" NOT NULL,
	"status" integer,
	"response" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("credential_id","key"),
	CONSTRAINT "idempotency_keys_key_bounded" CHECK (length("idempotency_keys"."key") between 1 and 255)
);
--> statement-breakpoint
CREATE TABLE "members" (
	"org_id" uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"name" text,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone,
	CONSTRAINT "members_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "members_email_formed" CHECK ("members"."email" ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length("members"."email") <= 254),
	CONSTRAINT "members_name_bounded" CHECK (length("members"."name") between 1 and 200),
	CONSTRAINT "members_role_known" CHECK ("members"."role" in ('admin', 'staff', 'viewer'))
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"org_id" uuid,
	"member_id" uuid,
	"user_agent" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "sessions_token_hash_is_sha256" CHECK (octet_length("sessions"."token_hash") = 32),
	CONSTRAINT "sessions_member_of_organization" CHECK (("sessions"."org_id" is null) = ("sessions"."member_id" is null)),
	CONSTRAINT "sessions_user_agent_bounded" CHECK (length("sessions"."user_agent") <= 500)
);
--> statement-breakpoint
CREATE TABLE "share_links" (
	"org_id" uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"call_id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "share_links_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "share_links_token_hash_is_sha256" CHECK (octet_length("share_links"."token_hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "sign_in_links" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"org_id" uuid,
	"member_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "sign_in_links_token_hash_is_sha256" CHECK (octet_length("sign_in_links"."token_hash") = 32),
	CONSTRAINT "sign_in_links_member_of_organization" CHECK (("sign_in_links"."org_id" is null) = ("sign_in_links"."member_id" is null))
);
--> statement-breakpoint
ALTER TABLE "account_contacts" ADD CONSTRAINT "account_contacts_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_entries" ADD CONSTRAINT "audit_entries_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_member_fkey" FOREIGN KEY ("org_id","member_id") REFERENCES "public"."members"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_links" ADD CONSTRAINT "sign_in_links_member_fkey" FOREIGN KEY ("org_id","member_id") REFERENCES "public"."members"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entries_newest_idx" ON "audit_entries" USING btree ("org_id","at","id");--> statement-breakpoint
CREATE INDEX "call_annotations_tags_idx" ON "call_annotations" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "call_annotations_external_ref_idx" ON "call_annotations" USING btree ("org_id","external_ref") WHERE "call_annotations"."external_ref" is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "members_one_live_email" ON "members" USING btree ("org_id",lower("email")) WHERE "members"."removed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sessions_member_idx" ON "sessions" USING btree ("org_id","member_id");--> statement-breakpoint
CREATE INDEX "share_links_call_idx" ON "share_links" USING btree ("org_id","call_id");--> statement-breakpoint
CREATE UNIQUE INDEX "sign_in_links_token_hash_key" ON "sign_in_links" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "sign_in_links_member_idx" ON "sign_in_links" USING btree ("org_id","member_id");--> statement-breakpoint
-- The tables of this product, by name: a database may hold other people's tables beside them.
create or replace function call_ledger.own_tables() returns setof regclass
language sql stable set search_path = pg_catalog, pg_temp
return unnest(array[
  'public.organizations', 'public.provider_accounts', 'public.agents', 'public.api_keys',
  'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
  'public.call_annotations', 'public.share_links', 'public.account_contacts',
  'public.calls', 'public.call_tracking', 'public.call_logs', 'public.call_transcripts',
  'public.prompts', 'public.call_prompts',
  'public.call_routes', 'public.processed_webhook_events', 'public.quarantined_deliveries',
  'public.recording_upload_queue', 'public.background_heartbeats', 'public.housekeeping_runs', 'public.database_sizes'
]::regclass[]);
--> statement-breakpoint
-- Two more roles of the api: one changes what is one organization's, the other is the operator's by way of the api.
do $$
declare
  wanted text;
  login name;
begin
  foreach wanted in array array['call_ledger_manager', 'call_ledger_api_operator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    -- An owner whose URL the application was given, and the logins that may read already.
    for login in
      select r.rolname
      from pg_catalog.pg_roles r
      where r.rolname = current_user
        or (r.rolcanlogin and exists (
          select from pg_catalog.pg_auth_members m
          where m.member = r.oid and m.roleid = 'call_ledger_reader'::regrole))
    loop
      begin
        execute format('grant %I to %I', wanted, login);
      exception
        when insufficient_privilege or unique_violation or internal_error then
          raise notice '% could not be granted to %: grant it as an administrator, or run ops db login', wanted, login;
      end;
    end loop;
  end loop;
end
$$;
--> statement-breakpoint
do $$
declare
  own regclass;
begin
  foreach own in array array[
    'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
    'public.call_annotations', 'public.share_links', 'public.account_contacts']::regclass[]
  loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    if own <> 'public.audit_entries'::regclass then
      execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
      execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
    end if;
  end loop;
end
$$;
--> statement-breakpoint
-- Entries of the audit are added and never changed, not even by the owner: no policy lets anybody.
create policy operator_reads on audit_entries for select to call_ledger_operator using (true);
create policy operator_adds on audit_entries for insert to call_ledger_operator with check (true);
grant select, insert on table audit_entries to call_ledger_operator;
--> statement-breakpoint
-- What the functions that authenticate, note and tidy need.
do $$
declare
  own regclass;
begin
  foreach own in array array[
    'public.members', 'public.sessions', 'public.sign_in_links', 'public.idempotency_keys',
    'public.account_contacts']::regclass[]
  loop
    execute format('create policy definer_keeps on %s to call_ledger_definer using (true) with check (true)', own);
  end loop;
end
$$;
grant select on table members to call_ledger_definer;
grant select, insert, update, delete on table sessions, sign_in_links to call_ledger_definer;
grant select, delete on table idempotency_keys to call_ledger_definer;
grant select, insert, update on table account_contacts to call_ledger_definer;
grant update (webhook_secrets, updated_at) on table provider_accounts to call_ledger_definer;
--> statement-breakpoint
-- The reader sees what people added to the calls of its organization.
do $$
declare
  own regclass;
begin
  foreach own in array array['public.call_annotations', 'public.share_links']::regclass[] loop
    execute format(
      'create policy reader_sees_own_organization on %s for select to call_ledger_reader
       using (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)', own);
    execute format('grant select on table %s to call_ledger_reader', own);
  end loop;
end
$$;
--> statement-breakpoint
-- The manager sees and changes what is its organization's, and nothing of a call.
do $$
declare
  own regclass;
begin
  foreach own in array array[
    'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
    'public.call_annotations', 'public.share_links']::regclass[]
  loop
    execute format(
      'create policy manager_keeps_own_organization on %s to call_ledger_manager
       using (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)
       with check (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)', own);
  end loop;
end
$$;
grant usage on schema public to call_ledger_manager;
grant usage on schema public, call_ledger to call_ledger_api_operator;
grant select, insert, update on table members, sign_in_links, api_keys, agents, share_links to call_ledger_manager;
grant select, update (revoked_at) on table sessions to call_ledger_manager;
grant select, insert on table audit_entries to call_ledger_manager;
grant select, insert, update, delete on table idempotency_keys, call_annotations to call_ledger_manager;
grant select, update (name, time_zone) on table organizations to call_ledger_manager;
grant select (id, org_id, provider, name, recording_hosts, created_at) on table provider_accounts to call_ledger_manager;
--> statement-breakpoint
-- The operator by way of the api sees all organizations, and changes what is no call's.
do $$
declare
  own regclass;
begin
  foreach own in array array[
    'public.members', 'public.sessions', 'public.sign_in_links', 'public.audit_entries', 'public.idempotency_keys',
    'public.account_contacts']::regclass[]
  loop
    execute format('create policy api_operator_sees_all on %s to call_ledger_api_operator using (true) with check (true)', own);
  end loop;
end
$$;
grant select, insert, update on table organizations, agents, api_keys, members, sign_in_links to call_ledger_api_operator;
grant select, update (revoked_at) on table sessions to call_ledger_api_operator;
grant select, insert on table audit_entries to call_ledger_api_operator;
grant select, insert, update, delete on table idempotency_keys to call_ledger_api_operator;
-- Sealed secrets can be stored and not read; rotate_account_secret changes those that are there.
grant insert, delete on table provider_accounts to call_ledger_api_operator;
grant select (id, org_id, provider, name, verification, recording_hosts, created_at, updated_at),
  update (name, verification, recording_hosts, api_key, updated_at)
  on table provider_accounts to call_ledger_api_operator;
grant select on table account_contacts, quarantined_deliveries, processed_webhook_events, recording_upload_queue,
  background_heartbeats, housekeeping_runs, database_sizes to call_ledger_api_operator;
grant update (replayed_at, payload), delete on table quarantined_deliveries to call_ledger_api_operator;
--> statement-breakpoint
select call_ledger.revoke_from_strangers();
--> statement-breakpoint
update call_ledger.schema_state set version = 29;
