-- The worker touches the queue through these functions; they run as the definer, who books.
do $$
declare
  fn regprocedure;
begin
  grant create on schema call_ledger to call_ledger_definer;
  foreach fn in array array[
    'call_ledger.beat(text, jsonb)',
    'call_ledger.claim_recordings(text[], integer, boolean, integer)',
    'call_ledger.extend_recording_lease(uuid, uuid, uuid, integer)',
    'call_ledger.recording_counts()',
    'call_ledger.release_recording(uuid, uuid, uuid)',
    'call_ledger.settle_recording(uuid, uuid, uuid, text, text, timestamptz, timestamptz)',
    'call_ledger.store_recording(uuid, uuid, uuid, text, bigint, bytea)'
  ]::regprocedure[] loop
    execute format('alter function %s owner to call_ledger_definer', fn);
    execute format('revoke all on function %s from public', fn);
    execute format('grant execute on function %s to call_ledger_worker', fn);
  end loop;
  revoke create on schema call_ledger from call_ledger_definer;
end
$$;

grant usage on schema call_ledger to call_ledger_worker;
grant insert, update, delete on table background_heartbeats to call_ledger_definer;

-- What the worker may do, it may do through the functions.
revoke select, update on table recording_upload_queue from call_ledger_worker;
drop policy worker_keeps_queue on recording_upload_queue;
revoke select, insert, update on table background_heartbeats from call_ledger_worker;
drop policy worker_beats on background_heartbeats;

select call_ledger.revoke_from_strangers();
