CREATE TABLE "alarms" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid,
	"condition" text NOT NULL,
	"scope" text NOT NULL,
	"figures" jsonb NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"notified_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"acknowledged_by" text,
	"acknowledged_at" timestamp with time zone,
	"muted_until" timestamp with time zone,
	CONSTRAINT "alarms_condition_known" CHECK ("alarms"."condition" in ('no_deliveries', 'signatures_refused', 'deliveries_failing', 'provider_failures', 'calls_overdue', 'quarantine_growing', 'recordings_given_up', 'recordings_expiring', 'worker_silent', 'database_filling', 'database_idle', 'certificate_expiring', 'channel_failing')),
	CONSTRAINT "alarms_acknowledged_whole" CHECK (("alarms"."acknowledged_by" is null) = ("alarms"."acknowledged_at" is null))
);
--> statement-breakpoint
CREATE TABLE "alert_channels" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid,
	"kind" text NOT NULL,
	"name" text,
	"host" text,
	"settings" "bytea",
	"last_sent_at" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"last_error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_channels_kind_known" CHECK ("alert_channels"."kind" in ('slack', 'email', 'webhook', 'log')),
	CONSTRAINT "alert_channels_settings_but_for_the_log" CHECK (("alert_channels"."kind" = 'log') = ("alert_channels"."settings" is null)),
	CONSTRAINT "alert_channels_name_bounded" CHECK (length("alert_channels"."name") between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "alert_deliveries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"channel_id" uuid NOT NULL,
	"news" jsonb NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_token" uuid,
	"last_error" text,
	"finished_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_deliveries_status_known" CHECK ("alert_deliveries"."status" in ('pending', 'sent', 'failed')),
	CONSTRAINT "alert_deliveries_attempts_not_negative" CHECK ("alert_deliveries"."attempts" >= 0)
);
--> statement-breakpoint
CREATE TABLE "delivery_counts" (
	"provider_account_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"accepted" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	"unproven" integer DEFAULT 0 NOT NULL,
	"failing" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "delivery_counts_pkey" PRIMARY KEY("provider_account_id","at")
);
--> statement-breakpoint
ALTER TABLE "alarms" ADD CONSTRAINT "alarms_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_channels" ADD CONSTRAINT "alert_channels_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_channel_fkey" FOREIGN KEY ("channel_id") REFERENCES "public"."alert_channels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_counts" ADD CONSTRAINT "delivery_counts_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alarms_one_open" ON "alarms" USING btree ("condition","scope") WHERE "alarms"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "alarms_closed_at_idx" ON "alarms" USING btree ("closed_at") WHERE "alarms"."closed_at" is not null;--> statement-breakpoint
CREATE INDEX "alarms_org_id_idx" ON "alarms" USING btree ("org_id");--> statement-breakpoint
CREATE INDEX "alert_channels_org_id_idx" ON "alert_channels" USING btree ("org_id");--> statement-breakpoint
CREATE INDEX "alert_deliveries_waiting_idx" ON "alert_deliveries" USING btree ("channel_id","created_at") WHERE "alert_deliveries"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "alert_deliveries_finished_at_idx" ON "alert_deliveries" USING btree ("finished_at") WHERE "alert_deliveries"."finished_at" is not null;--> statement-breakpoint
do $$
declare
  own regclass;
begin
  foreach own in array array[
    'public.alert_channels', 'public.alarms', 'public.alert_deliveries', 'public.delivery_counts']::regclass[] loop
    execute format('alter table %s enable row level security', own);
    execute format('alter table %s force row level security', own);
    execute format('create policy definer_books on %s to call_ledger_definer using (true) with check (true)', own);
    execute format('create policy operator_keeps on %s to call_ledger_operator using (true) with check (true)', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_operator', own);
    execute format('grant select, insert, update, delete on table %s to call_ledger_definer', own);
  end loop;
  foreach own in array array['public.alert_channels', 'public.alarms']::regclass[] loop
    execute format(
      'create policy reader_sees_own_organization on %s for select to call_ledger_reader
       using (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)', own);
    execute format(
      'create policy manager_sees_own_organization on %s for select to call_ledger_manager
       using (org_id = nullif(current_setting(''call_ledger.org_id'', true), '''')::uuid)', own);
    execute format('create policy api_operator_sees_all on %s for select to call_ledger_api_operator using (true)', own);
  end loop;
end
$$;

grant select on table alarms to call_ledger_reader, call_ledger_manager, call_ledger_api_operator;
-- Not the settings: people see that a channel is there and how it does.
grant select (id, org_id, kind, name, host, created_at, last_sent_at, failing_since, last_error)
  on table alert_channels to call_ledger_reader, call_ledger_manager, call_ledger_api_operator;
revoke delete on table alert_channels from call_ledger_definer;

-- Every alarm is told in the log, whatever else there is.
insert into alert_channels (id, kind, name) values ('00000000-0000-4000-8000-0000000000a1', 'log', 'log');

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 33;
