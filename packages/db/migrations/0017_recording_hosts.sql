-- A recording may be one party's; a job can wait for its host to be allowed; organizations take turns.
ALTER TABLE "recording_upload_queue" DROP CONSTRAINT "recording_upload_queue_channel_known";--> statement-breakpoint
DROP INDEX "recording_upload_queue_due_idx";--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD COLUMN "waits_for_host" text;--> statement-breakpoint
ALTER TABLE "provider_accounts" ADD COLUMN "recording_hosts" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "recording_upload_queue_turns_idx" ON "recording_upload_queue" USING btree ("org_id","next_attempt_at") WHERE "recording_upload_queue"."status" in ('pending', 'fetching');--> statement-breakpoint
CREATE INDEX "recording_upload_queue_waiting_idx" ON "recording_upload_queue" USING btree ("org_id") WHERE "recording_upload_queue"."status" = 'pending' and "recording_upload_queue"."waits_for_host" is not null;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD CONSTRAINT "recording_upload_queue_channel_known" CHECK ("recording_upload_queue"."channel" in ('mono', 'stereo', 'customer', 'assistant')) NOT VALID;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" VALIDATE CONSTRAINT "recording_upload_queue_channel_known";--> statement-breakpoint
ALTER TABLE "provider_accounts" ADD CONSTRAINT "provider_accounts_recording_hosts_bounded" CHECK (cardinality("provider_accounts"."recording_hosts") <= 20);--> statement-breakpoint
update call_ledger.schema_state set version = 18;
