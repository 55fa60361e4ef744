-- What providers say of their calls, and how far the ledger has been compared with it.
CREATE TABLE "provider_calls" (
	"provider_account_id" uuid NOT NULL,
	"provider_call_id" text NOT NULL,
	"org_id" uuid,
	"provider_agent_id" text,
	"provider_phone_number_id" text,
	"created_at" timestamp with time zone NOT NULL,
	"has_ended" boolean NOT NULL,
	"lacked" text,
	"missing" text,
	"asks" integer DEFAULT 0 NOT NULL,
	"ask_at" timestamp with time zone,
	"compared_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "provider_calls_pkey" PRIMARY KEY("provider_account_id","provider_call_id"),
	CONSTRAINT "provider_calls_provider_call_id_bounded" CHECK (length("provider_calls"."provider_call_id") between 1 and 200),
	CONSTRAINT "provider_calls_lacked_known" CHECK ("provider_calls"."lacked" in ('call', 'end', 'report', 'fields', 'progress')),
	CONSTRAINT "provider_calls_missing_known" CHECK ("provider_calls"."missing" in ('not_booked', 'unknown_agent', 'organization_conflict', 'refused', 'gone')),
	CONSTRAINT "provider_calls_asks_not_negative" CHECK ("provider_calls"."asks" >= 0)
);
--> statement-breakpoint
CREATE TABLE "reconciled_accounts" (
	"provider_account_id" uuid PRIMARY KEY NOT NULL,
	"org_id" uuid,
	"provider" text NOT NULL,
	"compared_since" timestamp with time zone,
	"compared_until" timestamp with time zone,
	"next_run_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_token" uuid,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"succeeded_at" timestamp with time zone,
	"result" jsonb,
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "provider_calls" ADD CONSTRAINT "provider_calls_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_calls" ADD CONSTRAINT "provider_calls_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciled_accounts" ADD CONSTRAINT "reconciled_accounts_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciled_accounts" ADD CONSTRAINT "reconciled_accounts_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "provider_calls_org_created_at_idx" ON "provider_calls" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "provider_calls_created_at_idx" ON "provider_calls" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "provider_calls_missing_idx" ON "provider_calls" USING btree ("provider_account_id","created_at") WHERE "provider_calls"."missing" is not null;--> statement-breakpoint
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
  'public.recording_upload_queue', 'public.background_heartbeats', 'public.housekeeping_runs', 'public.database_sizes',
  'public.alert_channels', 'public.alarms', 'public.alert_deliveries', 'public.delivery_counts',
  'public.reconciled_accounts', 'public.provider_calls'
]::regclass[]);

do $$
declare
  own regclass;
begin
  foreach own in array array['public.reconciled_accounts', 'public.provider_calls']::regclass[] loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    execute format('create policy definer_compares on %s to call_ledger_definer using (true) with check (true)', own);
    execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
    execute format('grant select, insert, update on table %s to call_ledger_definer', own);
  end loop;
end
$$;

create policy reader_sees_own_organization on provider_calls for select to call_ledger_reader
  using (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
grant select on table provider_calls to call_ledger_reader;
grant delete on table provider_calls to call_ledger_definer;

-- How far the platform's own account has come concerns each of its organizations; what its runs have found does not.
create policy reader_sees_own_organization on reconciled_accounts for select to call_ledger_reader
  using (org_id is null or org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
grant select (provider_account_id, org_id, provider, compared_since, compared_until) on table reconciled_accounts to call_ledger_reader;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 42;
