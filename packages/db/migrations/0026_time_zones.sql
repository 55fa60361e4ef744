-- An organization's days begin and end in its time zone.
ALTER TABLE "organizations" ADD COLUMN "time_zone" text DEFAULT 'UTC' NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_time_zone_named" CHECK ("organizations"."time_zone" ~ '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$' and timezone("organizations"."time_zone", 'epoch'::timestamptz) is not null);--> statement-breakpoint
update call_ledger.schema_state set version = 27;
