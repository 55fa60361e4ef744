drop function call_ledger.claim_recordings(text[], integer, boolean, integer);

drop function call_ledger.compare_calls(uuid, jsonb);

drop function call_ledger.extend_recording_lease(uuid, uuid, uuid, integer);

drop function call_ledger.store_recording(uuid, uuid, uuid, text, bigint, bytea);

-- The last release that calls one of them (compare_calls) knows 56 migrations.
update call_ledger.schema_state set version = 70, oldest_code = 57;
