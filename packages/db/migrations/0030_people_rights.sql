-- Last in the transaction of the migrations, because deliveries wait for the tables that it locks.
ALTER TABLE "call_annotations" ADD CONSTRAINT "call_annotations_call_fkey" FOREIGN KEY ("org_id","call_id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;
ALTER TABLE "share_links" ADD CONSTRAINT "share_links_call_fkey" FOREIGN KEY ("org_id","call_id") REFERENCES "public"."calls"("org_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
create policy manager_keeps_own_organization on api_keys to call_ledger_manager
  using (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid)
  with check (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
create policy manager_sees_own_organization on provider_accounts for select to call_ledger_manager
  using (org_id is null or org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
create policy manager_keeps_own_organization on organizations to call_ledger_manager
  using (id = nullif(current_setting('call_ledger.org_id', true), '')::uuid)
  with check (id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
create policy manager_sees_own_organization on agents for select to call_ledger_manager
  using (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
-- Agents at the platform's account are the operator's: with them an organization could take another's assistant or number.
create policy manager_adds_at_own_account on agents for insert to call_ledger_manager
  with check (
    org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid
    and exists (select from provider_accounts a where a.id = provider_account_id and a.org_id = agents.org_id));
create policy manager_changes_at_own_account on agents for update to call_ledger_manager
  using (
    org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid
    and exists (select from provider_accounts a where a.id = provider_account_id and a.org_id = agents.org_id))
  with check (
    org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid
    and exists (select from provider_accounts a where a.id = provider_account_id and a.org_id = agents.org_id));
--> statement-breakpoint
do $$
declare
  own regclass;
begin
  foreach own in array array[
    'public.api_keys', 'public.organizations', 'public.background_heartbeats', 'public.housekeeping_runs',
    'public.database_sizes', 'public.quarantined_deliveries', 'public.recording_upload_queue',
    'public.provider_accounts', 'public.processed_webhook_events', 'public.agents']::regclass[]
  loop
    execute format('create policy api_operator_sees_all on %s to call_ledger_api_operator using (true) with check (true)', own);
  end loop;
end
$$;
--> statement-breakpoint
update call_ledger.schema_state set version = 31;
