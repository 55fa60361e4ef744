-- Deletes the next events that were booked after `after` and before `before`, about `most` of them. `reached` as in
-- drop_payloads. Their facts stay in the calls' layers. An event that comes again later is booked again and changes
-- nothing, because the layers are joins and the call's route is kept.
create or replace function call_ledger.drop_events(
  after timestamptz, before timestamptz, most integer, out dropped integer, out reached timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set lock_timeout = '500ms'
as $$
begin
  perform call_ledger.check_retention(before);
  reached := coalesce((
    select e.created_at from public.processed_webhook_events e
    where e.created_at > after and e.created_at < before
    order by e.created_at
    offset most - 1 limit 1), before);

  delete from public.processed_webhook_events e
  where e.ctid = any (array(
    select d.ctid from public.processed_webhook_events d
    where d.created_at > after and d.created_at <= reached and d.created_at < before
    order by d.created_at
    limit 2 * most));
  get diagnostics dropped = row_count;
  if dropped = 2 * most then reached := after; end if;
end
$$;
