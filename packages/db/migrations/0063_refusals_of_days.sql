CREATE INDEX "delivery_counts_refused_idx" ON "delivery_counts" USING btree ("provider_account_id","at") WHERE "delivery_counts"."refused" > 0 or "delivery_counts"."unproven" > 0;

update call_ledger.schema_state set version = 64;
