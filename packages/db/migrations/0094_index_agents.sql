CREATE INDEX "agents_provider_agent_idx" ON "agents" USING btree ("provider_account_id","provider_agent_id");--> statement-breakpoint
CREATE INDEX "agents_phone_number_idx" ON "agents" USING btree ("provider_account_id","phone_number");--> statement-breakpoint
CREATE INDEX "agents_provider_phone_number_idx" ON "agents" USING btree ("provider_account_id","provider_phone_number_id");--> statement-breakpoint
update call_ledger.schema_state set version = 95;
