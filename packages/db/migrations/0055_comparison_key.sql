ALTER TABLE "reconciled_accounts" ADD COLUMN "key_digest" text;
-- A member sees that an account of the organization is not compared, even if it has no API key.
create policy reader_sees_own_organization on provider_accounts for select to call_ledger_reader
  using (org_id = nullif(current_setting('call_ledger.org_id', true), '')::uuid);
grant select (id, org_id) on table provider_accounts to call_ledger_reader;

select call_ledger.revoke_from_strangers();

update call_ledger.schema_state set version = 56;
