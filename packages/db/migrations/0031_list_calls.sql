DROP INDEX "calls_org_created_at_idx";--> statement-breakpoint
CREATE INDEX "calls_org_start_idx" ON "calls" USING btree ("org_id",coalesce("started_at", "created_at"),"id");--> statement-breakpoint
update call_ledger.schema_state set version = 32;
