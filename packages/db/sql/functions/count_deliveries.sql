-- Adds to the counts of deliveries by account and minute. Rows: account_id, at, accepted, refused, unproven, failing.
-- Several processes add to the same minute, so rows are locked in one order.
create or replace function call_ledger.count_deliveries(counts jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.delivery_counts as d (provider_account_id, at, accepted, refused, unproven, failing)
  select c.account_id, c.at, c.accepted, c.refused, c.unproven, c.failing
  from jsonb_to_recordset(counts)
    as c (account_id uuid, at timestamptz, accepted integer, refused integer, unproven integer, failing integer)
  join public.provider_accounts a on a.id = c.account_id
  order by c.account_id, c.at
  on conflict (provider_account_id, at) do update set
    accepted = d.accepted + excluded.accepted,
    refused = d.refused + excluded.refused,
    unproven = d.unproven + excluded.unproven,
    failing = d.failing + excluded.failing;
end
$$;

grant execute on function call_ledger.count_deliveries to call_ledger_writer;
