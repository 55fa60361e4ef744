-- Returns how many quarantined deliveries wait, the age of the oldest in seconds, and how many replayed ones are kept.
create or replace function call_ledger.quarantine_ages() returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'waiting', count(*) filter (where q.replayed_at is null),
      'oldest_seconds', floor(extract(epoch from now() - min(q.received_at) filter (where q.replayed_at is null))),
      'replayed', count(*) filter (where q.replayed_at is not null))
    from public.quarantined_deliveries q);
end
$$;
