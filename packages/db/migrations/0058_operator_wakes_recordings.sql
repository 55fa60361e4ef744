-- Allowing a host in the console runs the recordings that wait for it, as the command does.
grant execute on function call_ledger.wake_waiting_recordings(uuid) to call_ledger_api_operator;

update call_ledger.schema_state set version = 59;
