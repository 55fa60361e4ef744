-- A stored recording has its waveform beside it, or says why it has none.
ALTER TABLE "recording_upload_queue" ADD COLUMN "peaks_path" text;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD COLUMN "peaks_error" text;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" ADD CONSTRAINT "recording_upload_queue_only_stored_has_peaks" CHECK ("recording_upload_queue"."status" = 'stored' or "recording_upload_queue"."peaks_path" is null) NOT VALID;--> statement-breakpoint
ALTER TABLE "recording_upload_queue" VALIDATE CONSTRAINT "recording_upload_queue_only_stored_has_peaks";--> statement-breakpoint
update call_ledger.schema_state set version = 48;
