CREATE INDEX "calls_org_duration_idx" ON "calls" USING btree ("org_id","duration_seconds","id") WHERE "calls"."duration_seconds" is not null;--> statement-breakpoint
CREATE INDEX "calls_org_cost_idx" ON "calls" USING btree ("org_id","cost_usd","id") WHERE "calls"."cost_usd" is not null;--> statement-breakpoint
update call_ledger.schema_state set version = 83;
