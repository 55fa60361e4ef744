-- Creates one upload job for each call and channel. Of two sources the one that expires later wins, so a redelivery
-- refreshes it. A job that waits, or that failed for lack of a working source, is due immediately with the new source.
create or replace function call_ledger.queue_recordings(org_ids uuid[], call_ids uuid[], recordings jsonb[])
returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.recording_upload_queue as q (
    org_id, call_id, channel, recording_url, source_url, source_expires_at)
  select distinct on (n.org_id, n.call_id, n.channel) n.org_id, n.call_id, n.channel,
    max(n.recording_url collate "C") over (partition by n.org_id, n.call_id, n.channel),
    n.source_url, n.source_expires_at
  from (
    select k.org_id, k.call_id, r.*
    from unnest(org_ids, call_ids, recordings) as k (org_id, call_id, named)
    cross join lateral jsonb_to_recordset(k.named) as r (
      channel text, recording_url text, source_url text, source_expires_at timestamptz)
  ) n
  order by n.org_id, n.call_id, n.channel,
    n.source_expires_at desc nulls last, n.source_url collate "C" desc nulls last
  on conflict (org_id, call_id, channel) do update set
    recording_url = greatest(q.recording_url collate "C", excluded.recording_url collate "C"),
    source_url = case when call_ledger.newer_source(q.source_url, q.source_expires_at,
                                                    excluded.source_url, excluded.source_expires_at)
      then excluded.source_url else q.source_url end,
    source_expires_at = case when call_ledger.newer_source(q.source_url, q.source_expires_at,
                                                           excluded.source_url, excluded.source_expires_at)
      then excluded.source_expires_at else q.source_expires_at end,
    status = case when q.status in ('failed', 'expired') then 'pending' else q.status end,
    attempts = case when q.status in ('failed', 'expired') then 0 else q.attempts end,
    next_attempt_at = case when q.status in ('failed', 'expired') or (
        q.status = 'pending' and call_ledger.newer_source(
          q.source_url, q.source_expires_at, excluded.source_url, excluded.source_expires_at))
      then now() else q.next_attempt_at end,
    updated_at = now()
  where q.status <> 'stored' and (
    call_ledger.newer_source(q.source_url, q.source_expires_at, excluded.source_url, excluded.source_expires_at)
    or excluded.recording_url collate "C" > coalesce(q.recording_url, '') collate "C");
end
$$;
