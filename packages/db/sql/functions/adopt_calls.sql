-- Books calls of an older system in one transaction: their events through record_deliveries, then the facts that no
-- event has: when a call came into that system, and what happened to its recording there. Runs with the caller's
-- rights.
--
-- document: as for record_deliveries, one delivery for each call. facts: by delivery {org_id, provider,
-- provider_call_id, created_at, keeps, path}. `keeps`: there is a (mono) recording to keep, which still has to be
-- fetched if it has no path. A path is taken from the older system without a check, so the stored job has no size and
-- no checksum. Facts of calls that the ledger knew already are ignored. Returns one row for each event of the document.
create or replace function call_ledger.adopt_calls(document jsonb, facts jsonb)
returns table (ord integer, outcome text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  ords integer[];
  outcomes text[];
  org_ids uuid[];
  call_ids uuid[];
  paths text[];
  keeps boolean[];
  created timestamptz[];
begin
  select array_agg(r.ord), array_agg(r.outcome) into ords, outcomes
  from public.record_deliveries(document, '{}') r;

  select array_agg(c.org_id), array_agg(c.id), array_agg(f.path), array_agg(f.keeps), array_agg(f.created_at)
    into org_ids, call_ids, paths, keeps, created
  from (
    select distinct e.delivery
    from jsonb_to_recordset(document) as e (ord integer, delivery integer)
    join unnest(ords, outcomes) as r (ord, outcome) on r.ord = e.ord
    where r.outcome in ('applied', 'observed')) news
  join (
    select f.fact, f.place::integer as delivery from jsonb_array_elements(facts) with ordinality as f (fact, place)
  ) n on n.delivery = news.delivery
  cross join lateral jsonb_to_record(n.fact) as f (
    org_id uuid, provider text, provider_call_id text, created_at timestamptz, keeps boolean, path text)
  cross join lateral (
    select c.org_id, c.id from public.calls c
    where c.org_id = f.org_id and c.provider = f.provider and c.provider_call_id = f.provider_call_id limit 1) c;

  -- The path goes into the summary at once: summarize_calls would find the same, because the mono recording's stands.
  with kept as (
    insert into public.recording_upload_queue as q (org_id, call_id, channel, status, storage_path, finished_at)
    select k.org_id, k.call_id, 'mono', case when k.path is null then 'pending' else 'stored' end, k.path,
      case when k.path is not null then now() end
    from unnest(org_ids, call_ids, keeps, paths) as k (org_id, call_id, keeps, path)
    where k.keeps
    on conflict (org_id, call_id, channel) do update set
      status = 'stored', storage_path = excluded.storage_path, finished_at = excluded.finished_at,
      lease_until = null, lease_token = null, last_error = null, updated_at = now()
    where q.status <> 'stored' and excluded.status = 'stored'
    returning q.org_id, q.call_id, q.storage_path
  )
  update public.calls c set
    created_at = least(c.created_at, k.created_at),
    recording_storage_path = coalesce(q.storage_path, c.recording_storage_path)
  from unnest(org_ids, call_ids, created) as k (org_id, call_id, created_at)
  left join kept q on q.org_id = k.org_id and q.call_id = k.call_id
  where c.org_id = k.org_id and c.id = k.call_id and (c.created_at > k.created_at or q.storage_path is not null);

  return query select r.ord, r.outcome from unnest(ords, outcomes) as r (ord, outcome);
end
$$;
