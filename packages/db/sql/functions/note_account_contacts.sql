-- Notes when deliveries of accounts last verified or were last refused, and why. The time of the first verified
-- delivery never changes. contacts: a JSON array of {account_id, verified_at, refused_at, refusal}, with each account
-- once; times may be null. Accounts that do not exist are left out. Rows are locked in one order.
create or replace function call_ledger.note_account_contacts(contacts jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.account_contacts as known (
    provider_account_id, first_verified_at, last_verified_at, last_refused_at, last_refusal)
  select a.id, n.verified_at, n.verified_at, n.refused_at, left(n.refusal, 200)
  from jsonb_to_recordset(contacts) as n (
    account_id uuid, verified_at timestamptz, refused_at timestamptz, refusal text)
  join public.provider_accounts a on a.id = n.account_id
  order by a.id
  on conflict (provider_account_id) do update set
    first_verified_at = least(known.first_verified_at, excluded.first_verified_at),
    last_verified_at = greatest(known.last_verified_at, excluded.last_verified_at),
    last_refused_at = greatest(known.last_refused_at, excluded.last_refused_at),
    last_refusal = case
      when excluded.last_refused_at >= coalesce(known.last_refused_at, '-infinity') then excluded.last_refusal
      else known.last_refusal end;
end
$$;

grant execute on function call_ledger.note_account_contacts to call_ledger_writer;
