ALTER TABLE "reconciled_accounts" ADD COLUMN "unread" tstzmultirange DEFAULT '{}' NOT NULL;

grant select (unread) on table reconciled_accounts to call_ledger_reader;

update call_ledger.schema_state set version = 72;
