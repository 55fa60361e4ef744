-- Claims due upload jobs, at most `most`: those that wait, and those whose lease has expired. Organizations take turns
-- in the order of their ids, one job in each turn, beginning after `after_org_id`. An organization of which the caller
-- would hold more than `max_per_org` jobs is skipped (held_org_ids: one entry for each held job). `newest` takes the
-- newest job of an organization first. A worker that alternates keeps a backlog from delaying today's calls. While a
-- job is leased, next_attempt_at is the end of its lease, so that one index finds both kinds. Locks queue rows only and
-- waits for no lock, so it cannot be part of a deadlock with a transaction that holds a call.
create or replace function call_ledger.claim_recordings_in_turn(
  most integer, newest boolean, lease_seconds integer, after_org_id uuid, held_org_ids uuid[], max_per_org integer)
returns table (
  org_id uuid, id uuid, lease_token uuid, call_id uuid, channel text, attempts integer,
  recording_url text, source_url text, source_expires_at timestamptz, queued_at timestamptz, call_ended_at timestamptz,
  provider text, provider_account_id uuid, provider_call_id text, account_hosts text[], waited_for_host text)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  turn uuid := after_org_id;
  held uuid[] := held_org_ids;
  free integer := most;
  found_any boolean := after_org_id is not null;  -- since the first organization's turn, which may not have been yet
  job record;
begin
  while free > 0 loop
    if turn is null then
      select q.org_id into turn from public.recording_upload_queue q
      where q.status in ('pending', 'fetching')
      order by q.org_id limit 1;
    else
      select q.org_id into turn from public.recording_upload_queue q
      where q.status in ('pending', 'fetching') and q.org_id > turn
      order by q.org_id limit 1;
    end if;
    if turn is null then
      exit when not found_any;
      found_any := false;
      continue;
    end if;
    continue when cardinality(array_positions(held, turn)) >= max_per_org;

    -- What was claimed here began now.
    if newest then
      select q.id, q.waits_for_host into job from public.recording_upload_queue q
      where q.org_id = turn and q.status in ('pending', 'fetching') and q.next_attempt_at <= now()
        and q.started_at is distinct from now()
      order by q.next_attempt_at desc limit 1
      for no key update skip locked;
    else
      select q.id, q.waits_for_host into job from public.recording_upload_queue q
      where q.org_id = turn and q.status in ('pending', 'fetching') and q.next_attempt_at <= now()
        and q.started_at is distinct from now()
      order by q.next_attempt_at limit 1
      for no key update skip locked;
    end if;
    continue when not found;

    held := held || turn;
    free := free - 1;
    found_any := true;
    return query
    with claimed as (
      update public.recording_upload_queue q set
        status = 'fetching',
        attempts = q.attempts + 1,
        lease_token = gen_random_uuid(),
        lease_until = now() + make_interval(secs => lease_seconds),
        next_attempt_at = now() + make_interval(secs => lease_seconds),
        waits_for_host = null,
        started_at = now(),
        finished_at = null,
        updated_at = now()
      where q.org_id = turn and q.id = job.id
      returning q.*
    )
    select c.org_id, c.id, c.lease_token, c.call_id, c.channel, c.attempts,
      c.recording_url, c.source_url, c.source_expires_at, c.created_at, k.ended_at,
      k.provider, k.provider_account_id, k.provider_call_id, a.recording_hosts, job.waits_for_host
    from claimed c
    join public.calls k on k.org_id = c.org_id and k.id = c.call_id
    join public.provider_accounts a on a.id = k.provider_account_id;
  end loop;
end
$$;

grant execute on function call_ledger.claim_recordings_in_turn to call_ledger_worker;
