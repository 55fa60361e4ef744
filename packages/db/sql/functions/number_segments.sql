-- Gives equal segments of a call that have no time ids of their own, in the order in which they came: what equals the
-- segment right before it is a repetition, and what was said before that is said again. Others keep their ids.
-- The caller holds the calls' locks.
create or replace function call_ledger.number_segments(
  batch call_ledger.incoming_event[], orgs uuid[], call_ids uuid[]) returns call_ledger.incoming_event[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  said record;
  now_calls uuid[] := '{}';  -- what was said in this batch: calls and fingerprints
  now_prints text[] := '{}';
  base text;
  latest text;
  times integer;
begin
  for said in
    select e.ord, e.event_id, e.merged_at from unnest(batch) e
    where e.segment_text is not null and call_ids[e.ord] is not null
    order by e.ord
  loop
    base := split_part(said.event_id, ':', 2);
    select (array_agg(k.fingerprint order by k.place desc))[1],
        count(*) filter (where split_part(k.fingerprint, '.', 1) = base)
      into latest, times
    from (
      select t.fingerprint, row_number() over (order by t.position nulls first, t.created_at) as place
      from public.call_transcripts t where t.org_id = orgs[said.ord] and t.call_id = call_ids[said.ord]
      union all
      select n.fingerprint, 1000000 + n.place
      from unnest(now_calls, now_prints) with ordinality as n (call_id, fingerprint, place)
      where n.call_id = call_ids[said.ord]) k;
    if said.merged_at is null then
      if split_part(latest, '.', 1) = base then
        batch[said.ord].event_id := split_part(said.event_id, ':', 1) || ':' || latest;
      elsif times > 0 then
        batch[said.ord].event_id := said.event_id || '.' || times + 1;
      end if;
    end if;
    now_calls := now_calls || call_ids[said.ord];
    now_prints := now_prints || split_part(batch[said.ord].event_id, ':', 2);
  end loop;
  return batch;
end
$$;

grant execute on function call_ledger.number_segments(call_ledger.incoming_event[], uuid[], uuid[]) to call_ledger_definer;
