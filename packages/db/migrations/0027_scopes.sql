-- Keys may be made for all that the REST API offers.
ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_scopes_known";--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_scopes_known" CHECK ("api_keys"."scopes" <@ array['calls:read', 'calls:details', 'recordings:read', 'costs:read', 'prompts:read', 'payloads:read', 'calls:write', 'agents:read', 'agents:write', 'members:write', 'keys:write', 'alerts:write', 'webhooks:write']);--> statement-breakpoint
update call_ledger.schema_state set version = 28;
