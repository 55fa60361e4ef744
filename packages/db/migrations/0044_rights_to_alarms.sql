ALTER TABLE "alarms" DROP CONSTRAINT "alarms_condition_known";--> statement-breakpoint
ALTER TABLE "alarms" ADD CONSTRAINT "alarms_condition_known" CHECK ("alarms"."condition" in ('no_deliveries', 'signatures_refused', 'deliveries_failing', 'provider_failures', 'calls_overdue', 'days_incomplete', 'quarantine_growing', 'recordings_given_up', 'recordings_expiring', 'worker_silent', 'database_filling', 'database_idle', 'certificate_expiring', 'channel_failing'));--> statement-breakpoint
drop policy manager_sees_own_organization on alert_channels;
create policy manager_keeps_own_organization on alert_channels to call_ledger_manager
  using (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
drop policy api_operator_sees_all on alert_channels;
create policy api_operator_keeps_all on alert_channels to call_ledger_api_operator using (true) with check (true);

-- The settings are written and never read: only a worker opens them.
grant insert, update (name, host, settings), delete
  on table alert_channels to call_ledger_manager, call_ledger_api_operator;

grant usage on schema call_ledger to call_ledger_manager;
-- Whoever acknowledges, mutes or tests does it as a role that sees one organization, or as the operator's.
revoke execute on function call_ledger.acknowledge_alarm, call_ledger.mute_alarm, call_ledger.queue_test_alert
  from call_ledger_writer;

update call_ledger.schema_state set version = 45;
