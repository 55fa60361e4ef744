-- Deletes alarms 90 days after they closed, messages 30 days after they ended, and counts of deliveries after two days.
-- The newest count of each account with an accepted delivery stays, because it shows since when the account is silent.
-- At most `most` of each kind. Returns the number of rows.
create or replace function call_ledger.trim_alerts(moment timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  dropped integer := 0;
  step integer;
begin
  delete from public.alarms a where a.id in (
    select o.id from public.alarms o where o.closed_at < moment - interval '90 days' limit most);
  get diagnostics step = row_count;
  dropped := dropped + step;

  delete from public.alert_deliveries d where d.id in (
    select o.id from public.alert_deliveries o where o.finished_at < moment - interval '30 days' limit most);
  get diagnostics step = row_count;
  dropped := dropped + step;

  delete from public.delivery_counts d
  using (
    select o.provider_account_id, o.at from public.delivery_counts o
    where o.at < moment - interval '2 days'
      and (o.accepted = 0 or exists (
        select from public.delivery_counts n
        where n.provider_account_id = o.provider_account_id and n.at > o.at and n.accepted > 0))
    limit most) old
  where d.provider_account_id = old.provider_account_id and d.at = old.at;
  get diagnostics step = row_count;
  return dropped + step;
end
$$;

grant execute on function call_ledger.trim_alerts to call_ledger_worker;
