CREATE TYPE "public"."call_phase" AS ENUM('scheduled', 'queued', 'ringing', 'in_progress', 'forwarding', 'ended');--> statement-breakpoint
CREATE TABLE "call_logs" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_account_id" uuid NOT NULL,
	"provider_call_id" text NOT NULL,
	"transcript" text,
	"messages" jsonb,
	"summary" text,
	"analysis" jsonb,
	"cost_usd" numeric(16, 6),
	"cost_breakdown" jsonb,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"ended_reason" text,
	"outcome" text,
	"duration_seconds" integer,
	"recording_url" text,
	"report_version" text,
	"conversation_version" text,
	"analysis_version" text,
	"cost_version" text,
	"times_version" text,
	"recording_version" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "call_logs_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "idx_call_logs_org_vapi_call_id" UNIQUE("org_id","provider","provider_call_id"),
	CONSTRAINT "call_logs_org_id_not_null" CHECK ("call_logs"."org_id" is not null),
	CONSTRAINT "call_logs_outcome_known" CHECK ("call_logs"."outcome" in ('completed', 'forwarded', 'no_answer', 'busy', 'voicemail', 'canceled', 'failed', 'unknown')),
	CONSTRAINT "call_logs_cost_not_negative" CHECK ("call_logs"."cost_usd" >= 0),
	CONSTRAINT "call_logs_duration_not_negative" CHECK ("call_logs"."duration_seconds" >= 0)
);
--> statement-breakpoint
CREATE TABLE "call_routes" (
	"provider_account_id" uuid NOT NULL,
	"provider_call_id" text NOT NULL,
	"org_id" uuid,
	CONSTRAINT "call_routes_pkey" PRIMARY KEY("provider_account_id","provider_call_id"),
	CONSTRAINT "call_routes_provider_call_id_bounded" CHECK (length("call_routes"."provider_call_id") between 1 and 200)
);
--> statement-breakpoint
CREATE TABLE "call_tracking" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_account_id" uuid NOT NULL,
	"provider_call_id" text NOT NULL,
	"phase" "call_phase",
	"ringing_at" timestamp with time zone,
	"answered_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"ended_reason" text,
	"outcome" text,
	"ended_rank" smallint,
	"agent_id" uuid,
	"agent_evidence" smallint,
	"agent_seen_at" timestamp with time zone,
	"direction" text DEFAULT 'unknown' NOT NULL,
	"customer_number" text,
	"our_number" text,
	"lead_id" uuid,
	"metadata" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "call_tracking_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "idx_call_tracking_org_vapi_call_id" UNIQUE("org_id","provider","provider_call_id"),
	CONSTRAINT "call_tracking_org_id_not_null" CHECK ("call_tracking"."org_id" is not null),
	CONSTRAINT "call_tracking_outcome_known" CHECK ("call_tracking"."outcome" in ('completed', 'forwarded', 'no_answer', 'busy', 'voicemail', 'canceled', 'failed', 'unknown')),
	CONSTRAINT "call_tracking_direction_known" CHECK ("call_tracking"."direction" in ('inbound', 'outbound', 'web', 'unknown')),
	CONSTRAINT "call_tracking_ending_whole" CHECK (("call_tracking"."outcome" is null) = ("call_tracking"."ended_rank" is null)),
	CONSTRAINT "call_tracking_agent_evidence_known" CHECK ("call_tracking"."agent_evidence" in (1, 2)),
	CONSTRAINT "call_tracking_agent_whole" CHECK (("call_tracking"."agent_id" is null) = ("call_tracking"."agent_evidence" is null))
);
--> statement-breakpoint
CREATE TABLE "call_transcripts" (
	"org_id" uuid NOT NULL,
	"call_id" uuid NOT NULL,
	"fingerprint" text NOT NULL,
	"role" text NOT NULL,
	"text" text NOT NULL,
	"occurred_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "call_transcripts_pkey" PRIMARY KEY("org_id","call_id","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "calls" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider" text NOT NULL,
	"provider_account_id" uuid NOT NULL,
	"provider_call_id" text NOT NULL,
	"agent_id" uuid,
	"direction" text DEFAULT 'unknown' NOT NULL,
	"phase" text,
	"outcome" text,
	"ended_reason" text,
	"customer_number" text,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"duration_seconds" integer,
	"cost_usd" numeric(16, 6),
	"recording_storage_path" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "calls_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "calls_org_provider_call_key" UNIQUE("org_id","provider","provider_call_id"),
	CONSTRAINT "calls_org_id_not_null" CHECK ("calls"."org_id" is not null),
	CONSTRAINT "calls_phase_known" CHECK ("calls"."phase" in ('scheduled', 'queued', 'ringing', 'in_progress', 'forwarding', 'ended')),
	CONSTRAINT "calls_outcome_known" CHECK ("calls"."outcome" in ('completed', 'forwarded', 'no_answer', 'busy', 'voicemail', 'canceled', 'failed', 'unknown')),
	CONSTRAINT "calls_direction_known" CHECK ("calls"."direction" in ('inbound', 'outbound', 'web', 'unknown')),
	CONSTRAINT "calls_outcome_when_ended" CHECK ((coalesce("calls"."phase", '') = 'ended') = ("calls"."outcome" is not null)),
	CONSTRAINT "calls_duration_not_negative" CHECK ("calls"."duration_seconds" >= 0),
	CONSTRAINT "calls_cost_not_negative" CHECK ("calls"."cost_usd" >= 0),
	CONSTRAINT "calls_provider_call_id_bounded" CHECK (length("calls"."provider_call_id") between 1 and 200)
);
--> statement-breakpoint
CREATE TABLE "recording_upload_queue" (
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid NOT NULL,
	"call_id" uuid NOT NULL,
	"channel" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_until" timestamp with time zone,
	"last_error" text,
	"recording_url" text,
	"source_url" text,
	"source_expires_at" timestamp with time zone,
	"storage_path" text,
	"size_bytes" bigint,
	"sha256" "bytea",
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "recording_upload_queue_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "recording_upload_queue_org_call_channel_key" UNIQUE("org_id","call_id","channel"),
	CONSTRAINT "recording_upload_queue_org_id_not_null" CHECK ("recording_upload_queue"."org_id" is not null),
	CONSTRAINT "recording_upload_queue_channel_known" CHECK ("recording_upload_queue"."channel" in ('mono', 'stereo')),
	CONSTRAINT "recording_upload_queue_status_known" CHECK ("recording_upload_queue"."status" in ('pending', 'fetching', 'stored', 'failed', 'expired')),
	CONSTRAINT "recording_upload_queue_attempts_not_negative" CHECK ("recording_upload_queue"."attempts" >= 0),
	CONSTRAINT "recording_upload_queue_stored_has_path" CHECK ("recording_upload_queue"."status" <> 'stored' or "recording_upload_queue"."storage_path" is not null)
);
--> statement-breakpoint
CREATE TABLE "background_heartbeats" (
	"name" text PRIMARY KEY NOT NULL,
	"last_run_at" timestamp with time zone NOT NULL,
	"result" jsonb
);
--> statement-breakpoint
CREATE TABLE "processed_webhook_events" (
	"org_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"event_type" text NOT NULL,
	"provider" text NOT NULL,
	"provider_call_id" text NOT NULL,
	"provider_delivery_id" text,
	"occurred_at" timestamp with time zone,
	"received_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"payload" "bytea",
	CONSTRAINT "idx_processed_events_org_event" PRIMARY KEY("org_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "quarantined_deliveries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"provider" text NOT NULL,
	"provider_account_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"detail" text,
	"event_type" text NOT NULL,
	"provider_call_id" text,
	"provider_agent_id" text,
	"provider_phone_number_id" text,
	"our_number" text,
	"content_key" text NOT NULL,
	"events" jsonb,
	"payload" "bytea",
	"received_at" timestamp with time zone NOT NULL,
	"replayed_at" timestamp with time zone,
	CONSTRAINT "quarantined_deliveries_reason_known" CHECK ("quarantined_deliveries"."reason" in ('unknown_agent', 'organization_conflict', 'unparseable', 'no_call', 'refused'))
);
--> statement-breakpoint
CREATE TABLE "agents" (
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid NOT NULL,
	"provider_account_id" uuid NOT NULL,
	"provider_agent_id" text NOT NULL,
	"provider_phone_number_id" text,
	"phone_number" text,
	"name" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "agents_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "agents_provider_agent_id_bounded" CHECK (length("agents"."provider_agent_id") between 1 and 200),
	CONSTRAINT "agents_phone_number_e164" CHECK ("agents"."phone_number" ~ '^\+[1-9][0-9]{1,14}$')
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid,
	"name" text,
	"prefix" text NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_keys_key_hash_is_sha256" CHECK (octet_length("api_keys"."key_hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organizations_name_not_empty" CHECK ("organizations"."name" <> '')
);
--> statement-breakpoint
CREATE TABLE "provider_accounts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"org_id" uuid,
	"provider" text NOT NULL,
	"name" text,
	"webhook_secrets" "bytea"[],
	"verification" jsonb,
	"api_key" "bytea",
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "call_logs" ADD CONSTRAINT "call_logs_call_fkey" FOREIGN KEY ("org_id","id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_routes" ADD CONSTRAINT "call_routes_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_tracking" ADD CONSTRAINT "call_tracking_call_fkey" FOREIGN KEY ("org_id","id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_transcripts" ADD CONSTRAINT "call_transcripts_call_fkey" FOREIGN KEY ("org_id","call_id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_agent_fkey" FOREIGN KEY ("org_id","agent_id") REFERENCES "public"."agents"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD CONSTRAINT "recording_upload_queue_call_fkey" FOREIGN KEY ("org_id","call_id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quarantined_deliveries" ADD CONSTRAINT "quarantined_deliveries_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_provider_account_fkey" FOREIGN KEY ("provider_account_id") REFERENCES "public"."provider_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_accounts" ADD CONSTRAINT "provider_accounts_org_id_fkey" FOREIGN KEY ("org_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "calls_org_created_at_idx" ON "calls" USING btree ("org_id","created_at");--> statement-breakpoint
CREATE INDEX "recording_upload_queue_due_idx" ON "recording_upload_queue" USING btree ("next_attempt_at") WHERE "recording_upload_queue"."status" in ('pending', 'fetching');--> statement-breakpoint
CREATE INDEX "processed_webhook_events_timeline_idx" ON "processed_webhook_events" USING btree ("org_id","provider","provider_call_id","occurred_at");--> statement-breakpoint
CREATE INDEX "processed_webhook_events_created_at_idx" ON "processed_webhook_events" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "quarantined_deliveries_content_key" ON "quarantined_deliveries" USING btree ("provider_account_id","content_key");--> statement-breakpoint
CREATE INDEX "quarantined_deliveries_waiting_call_idx" ON "quarantined_deliveries" USING btree ("provider_account_id","provider_call_id") WHERE "quarantined_deliveries"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "quarantined_deliveries_waiting_agent_idx" ON "quarantined_deliveries" USING btree ("provider_account_id","provider_agent_id") WHERE "quarantined_deliveries"."replayed_at" is null and "quarantined_deliveries"."reason" = 'unknown_agent';--> statement-breakpoint
CREATE UNIQUE INDEX "agents_one_live_provider_agent" ON "agents" USING btree ("provider_account_id","provider_agent_id") WHERE "agents"."deleted_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "agents_one_live_phone_number" ON "agents" USING btree ("provider_account_id","phone_number") WHERE "agents"."deleted_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "agents_one_live_provider_phone_number" ON "agents" USING btree ("provider_account_id","provider_phone_number_id") WHERE "agents"."deleted_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_key_hash_key" ON "api_keys" USING btree ("key_hash");--> statement-breakpoint
CREATE INDEX "api_keys_org_id_idx" ON "api_keys" USING btree ("org_id");--> statement-breakpoint
CREATE UNIQUE INDEX "provider_accounts_one_platform_account" ON "provider_accounts" USING btree ("provider") WHERE "provider_accounts"."org_id" is null;--> statement-breakpoint
CREATE INDEX "provider_accounts_org_id_idx" ON "provider_accounts" USING btree ("org_id");