-- An organization sees which of its deliveries wait in quarantine: those of its own accounts, and those of its live
-- agents at the platform's account. A delivery that is older than its agent, or points to two organizations, may be
-- another organization's. Bodies and calls are not granted.
create policy reader_sees_own_organization on quarantined_deliveries for select to call_ledger_reader
  using (
    provider_account_id in (
      select a.id from public.provider_accounts a
      where a.org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid)
    or reason <> 'organization_conflict'
      -- A hashed set comes first, because most deliveries in a large quarantine are of no agent of the organization.
      and (provider_account_id, provider_agent_id) in (
        select g.provider_account_id, g.provider_agent_id from public.agents g
        where g.org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid and g.deleted_at is null)
      and exists (
      select from public.agents g
      where g.org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid and g.deleted_at is null
        and g.provider_account_id = quarantined_deliveries.provider_account_id
        and g.provider_agent_id = quarantined_deliveries.provider_agent_id
        and g.created_at <= quarantined_deliveries.received_at));
grant select (provider, provider_account_id, reason, provider_agent_id, our_number, received_at, replayed_at)
  on table quarantined_deliveries to call_ledger_reader;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 63;
