-- Returns what the ledger knows of each of some objects, by their place. The results are those of object_verdict.
create or replace function call_ledger.judge_objects(
  org_ids uuid[], call_ids uuid[], channels text[], paths text[]) returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return (
    select array_agg(call_ledger.object_verdict(o.org_id, o.call_id, o.channel, o.path) order by o.place)
    from unnest(org_ids, call_ids, channels, paths) with ordinality as o (org_id, call_id, channel, path, place));
end
$$;
