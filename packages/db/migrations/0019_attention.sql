ALTER TABLE "call_logs" DROP CONSTRAINT "call_logs_outcome_known";--> statement-breakpoint
ALTER TABLE "call_tracking" DROP CONSTRAINT "call_tracking_outcome_known";--> statement-breakpoint
ALTER TABLE "call_logs" ADD COLUMN "caller_turns" integer;--> statement-breakpoint
ALTER TABLE "call_tracking" ADD COLUMN "caller_heard" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "caller_turns" integer;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "attention" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "awaits_report" boolean;--> statement-breakpoint
ALTER TABLE "calls" ALTER COLUMN "awaits_report" SET DEFAULT true;--> statement-breakpoint
CREATE INDEX "calls_awaiting_report_idx" ON "calls" USING btree ("created_at") WHERE "calls"."awaits_report" and "calls"."attention" = '{}';--> statement-breakpoint
CREATE INDEX "calls_attention_idx" ON "calls" USING btree ("created_at") WHERE "calls"."attention" <> '{}';--> statement-breakpoint
ALTER TABLE "call_logs" ADD CONSTRAINT "call_logs_outcome_known" CHECK ("call_logs"."outcome" in ('completed', 'forwarded', 'no_answer', 'busy', 'voicemail', 'canceled', 'failed', 'unknown', 'silence', 'delivered')) NOT VALID;--> statement-breakpoint
ALTER TABLE "call_tracking" ADD CONSTRAINT "call_tracking_outcome_known" CHECK ("call_tracking"."outcome" in ('completed', 'forwarded', 'no_answer', 'busy', 'voicemail', 'canceled', 'failed', 'unknown', 'silence', 'delivered')) NOT VALID;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_attention_known" CHECK ("calls"."attention" <@ array['stuck', 'missing_report', 'no_caller_speech']) NOT VALID;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_caller_turns_not_negative" CHECK ("calls"."caller_turns" >= 0) NOT VALID;--> statement-breakpoint
ALTER TABLE "call_logs" VALIDATE CONSTRAINT "call_logs_outcome_known";--> statement-breakpoint
ALTER TABLE "call_tracking" VALIDATE CONSTRAINT "call_tracking_outcome_known";--> statement-breakpoint
ALTER TABLE "calls" VALIDATE CONSTRAINT "calls_attention_known";--> statement-breakpoint
ALTER TABLE "calls" VALIDATE CONSTRAINT "calls_caller_turns_not_negative";--> statement-breakpoint
update call_ledger.schema_state set version = 20;
