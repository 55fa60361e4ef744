ALTER TABLE "alarms" DROP CONSTRAINT "alarms_condition_known";--> statement-breakpoint
ALTER TABLE "alarms" ADD CONSTRAINT "alarms_condition_known" CHECK ("alarms"."condition" in ('no_deliveries', 'signatures_refused', 'deliveries_failing', 'provider_failures', 'calls_overdue', 'days_incomplete', 'calls_repaired', 'quarantine_growing', 'recordings_failing', 'recordings_given_up', 'recordings_expiring', 'worker_silent', 'database_filling', 'database_idle', 'certificate_expiring', 'channel_failing'));

update call_ledger.schema_state set version = 66;
