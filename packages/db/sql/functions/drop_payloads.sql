-- Empties the payloads of the next events that were booked after `after` and before `before`, about `most` of them.
-- `reached`: everything up to this time is done; it equals `before` when all is done. Events of one transaction have
-- the same created_at and are processed together. If they are too many, `reached` does not change and the next call
-- continues among them.
create or replace function call_ledger.drop_payloads(
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

  update public.processed_webhook_events e set payload = null
  where e.ctid = any (array(
    select d.ctid from public.processed_webhook_events d
    where d.created_at > after and d.created_at <= reached and d.created_at < before and d.payload is not null
    order by d.created_at
    limit 2 * most));
  get diagnostics dropped = row_count;
  if dropped = 2 * most then reached := after; end if;
end
$$;
