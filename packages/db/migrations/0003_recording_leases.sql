ALTER TABLE "recording_upload_queue" ADD COLUMN "lease_token" uuid;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD COLUMN "deadline" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "recording_upload_queue_given_up_idx" ON "recording_upload_queue" USING btree ("finished_at") WHERE "recording_upload_queue"."status" in ('failed', 'expired');--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD CONSTRAINT "recording_upload_queue_sha256_is_sha256" CHECK (octet_length("recording_upload_queue"."sha256") = 32);