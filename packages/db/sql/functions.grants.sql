-- The public functions run as the definer: whoever may execute them can book, and do nothing else to a tenant's tables.
do $$
declare
  fn regprocedure;
begin
  grant create on schema public, call_ledger to call_ledger_definer;
  foreach fn in array array[
    'public.record_deliveries(jsonb, bytea[])',
    'public.replay_waiting(integer)',
    'public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)',
    'public.update_call_completed_atomically(uuid, text, integer, uuid)',
    'public.update_call_with_recording_atomically(uuid, text, text, text, text, text)',
    'call_ledger.ledger_status()'
  ]::regprocedure[] loop
    execute format('alter function %s owner to call_ledger_definer', fn);
    execute format('revoke all on function %s from public', fn);
    execute format('grant execute on function %s to call_ledger_writer', fn);
  end loop;
  revoke create on schema public, call_ledger from call_ledger_definer;

  if exists (select from pg_roles where rolname = 'service_role') then
    foreach fn in array array[
      'public.create_inbound_call_atomically(uuid, text, uuid, text, uuid, jsonb)',
      'public.update_call_completed_atomically(uuid, text, integer, uuid)',
      'public.update_call_with_recording_atomically(uuid, text, text, text, text, text)'
    ]::regprocedure[] loop
      execute format('grant execute on function %s to service_role', fn);
    end loop;
  end if;
end
$$;

select call_ledger.revoke_from_strangers();

grant execute on all functions in schema call_ledger to call_ledger_definer;
revoke execute on function call_ledger.revoke_from_strangers(), call_ledger.check_agent_account(),
  call_ledger.own_tables() from call_ledger_definer;
