grant select (id, event_type, provider_call_id) on table quarantined_deliveries to call_ledger_reader;--> statement-breakpoint
update call_ledger.schema_state set version = 84;
