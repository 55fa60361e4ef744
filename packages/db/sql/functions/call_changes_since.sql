-- Returns the calls, of one organization or of all, that were changed by transactions which `since` (a snapshot) does
-- not see, and the snapshot for the next request. A change that commits after this answer is in the next one, whatever
-- the order in which transactions began. A sequence could not promise that. `since` null: returns only the current
-- snapshot. `reset`: the snapshot is of another epoch, older than the kept changes (50 minutes), or more than `most`
-- calls have changed.
create or replace function call_ledger.call_changes_since(
  wanted_org uuid, its_epoch uuid, since text, since_at timestamptz, most integer) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  current_epoch uuid;
  before constant pg_snapshot := since::pg_snapshot;
  gap boolean;
  answer jsonb;
begin
  select e.epoch into current_epoch from public.call_change_epochs e;
  if current_epoch is null then
    insert into public.call_change_epochs default values on conflict do nothing;
    select e.epoch into current_epoch from public.call_change_epochs e;
  end if;
  gap := since is not null and (its_epoch is distinct from current_epoch
    or since_at < now() - interval '50 minutes' or since_at > now() + interval '5 minutes');

  -- One statement: the snapshot that is answered is the one that the changes were read in.
  select jsonb_build_object(
    'epoch', current_epoch, 'snapshot', pg_current_snapshot()::text, 'at', now(),
    'reset', gap or count(f.id) > most,
    'changes', case when count(f.id) <= most then coalesce(jsonb_agg(jsonb_build_object(
      'org_id', f.org_id, 'id', f.id, 'phase', f.phase, 'updated_at', f.updated_at) order by f.updated_at, f.id)
      filter (where f.id is not null), '[]') else '[]' end)
    into answer
  from (select) one
  left join (
    select c.org_id, c.id, c.phase, c.updated_at
    from (
      select distinct n.org_id, n.call_id from public.call_changes n
      where since is not null and not gap
        and n.changed_xid >= pg_snapshot_xmin(before) and not pg_visible_in_snapshot(n.changed_xid, before)
        and (wanted_org is null or n.org_id = wanted_org)
      limit most + 1) k
    join public.calls c on c.org_id = k.org_id and c.id = k.call_id) f on true;
  return answer;
end
$$;

grant execute on function call_ledger.call_changes_since to call_ledger_writer;
