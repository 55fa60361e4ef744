-- Returns the number of upload jobs in each state except stored, whose number only grows. `waiting`: pending until a
-- host is allowed or the deadline. `pending`: all others of that state. `due`: pending jobs that could start now.
-- `stale`: fetching jobs whose lease has expired.
create or replace function call_ledger.recording_counts() returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return (
    select jsonb_build_object(
      'pending', count(*) filter (where q.status = 'pending' and q.waits_for_host is null),
      'waiting', count(*) filter (where q.status = 'pending' and q.waits_for_host is not null),
      'due', count(*) filter (where q.status = 'pending' and q.next_attempt_at <= now()),
      'fetching', count(*) filter (where q.status = 'fetching'),
      'stale', count(*) filter (where q.status = 'fetching' and q.lease_until <= now()))
    from public.recording_upload_queue q where q.status in ('pending', 'fetching'))
  || (
    select jsonb_build_object(
      'failed', count(*) filter (where q.status = 'failed'),
      'expired', count(*) filter (where q.status = 'expired'))
    from public.recording_upload_queue q where q.status in ('failed', 'expired'));
end
$$;
