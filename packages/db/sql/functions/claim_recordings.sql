-- Like claim_recordings_in_turn, for workers of an earlier release, whose organizations do not take turns. `newest` takes
-- the newest jobs first.
create or replace function call_ledger.claim_recordings(
  channels text[], most integer, newest boolean, lease_seconds integer)
returns table (
  org_id uuid, id uuid, lease_token uuid, call_id uuid, channel text, attempts integer,
  recording_url text, source_url text, source_expires_at timestamptz, queued_at timestamptz, call_ended_at timestamptz,
  provider text, provider_account_id uuid, provider_call_id text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  orgs uuid[];
  due uuid[];
begin
  if newest then
    select array_agg(d.org_id), array_agg(d.id) into orgs, due
    from (
      select q.org_id, q.id from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.next_attempt_at <= now() and q.channel = any (channels)
      order by q.next_attempt_at desc
      limit most
      for no key update skip locked) d;
  else
    select array_agg(d.org_id), array_agg(d.id) into orgs, due
    from (
      select q.org_id, q.id from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.next_attempt_at <= now() and q.channel = any (channels)
      order by q.next_attempt_at
      limit most
      for no key update skip locked) d;
  end if;
  if due is null then return; end if;

  return query
  with claimed as (
    update public.recording_upload_queue q set
      status = 'fetching',
      attempts = q.attempts + 1,
      lease_token = gen_random_uuid(),
      lease_until = now() + make_interval(secs => lease_seconds),
      next_attempt_at = now() + make_interval(secs => lease_seconds),
      started_at = now(),
      finished_at = null,
      updated_at = now()
    from unnest(orgs, due) as d (org_id, id)
    where q.org_id = d.org_id and q.id = d.id
    returning q.*
  )
  select c.org_id, c.id, c.lease_token, c.call_id, c.channel, c.attempts,
    c.recording_url, c.source_url, c.source_expires_at, c.created_at, k.ended_at,
    k.provider, k.provider_account_id, k.provider_call_id
  from claimed c
  join public.calls k on k.org_id = c.org_id and k.id = c.call_id;
end
$$;
