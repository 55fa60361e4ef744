-- Last in the transaction of the migrations, because deliveries wait until the index is built.
CREATE INDEX "calls_account_created_at_idx" ON "calls" USING btree ("provider_account_id","created_at");--> statement-breakpoint
update call_ledger.schema_state set version = 35;
