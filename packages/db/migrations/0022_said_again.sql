ALTER TABLE "quarantined_deliveries" DROP CONSTRAINT "quarantined_deliveries_reason_known";--> statement-breakpoint
ALTER TABLE "call_transcripts" ADD COLUMN "position" integer;--> statement-breakpoint
ALTER TABLE "quarantined_deliveries" ADD CONSTRAINT "quarantined_deliveries_reason_known" CHECK ("quarantined_deliveries"."reason" in ('unknown_agent', 'organization_conflict', 'unparseable', 'too_complex', 'no_call', 'call_id_too_long', 'refused')) NOT VALID;--> statement-breakpoint
ALTER TABLE "quarantined_deliveries" VALIDATE CONSTRAINT "quarantined_deliveries_reason_known";--> statement-breakpoint
update call_ledger.schema_state set version = 23;
