-- Notes that this transaction changes calls, for the streams that report it (call_changes_since).
create or replace function call_ledger.note_call_changes(org_ids uuid[], call_ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.call_changes (org_id, call_id)
  select k.org_id, k.call_id from unnest(org_ids, call_ids) as k (org_id, call_id)
  where k.call_id is not null
  on conflict do nothing;
end
$$;

grant execute on function call_ledger.note_call_changes to call_ledger_definer;
