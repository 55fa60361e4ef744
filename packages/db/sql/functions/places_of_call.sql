-- Returns the physical places of a call's rows. A changed row has another place, at least until the transaction has
-- ended.
create or replace function call_ledger.places_of_call(of_org_id uuid, of_provider text, of_provider_call_id text)
returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select concat_ws(' ', c.ctid, t.ctid, l.ctid, (
    select string_agg(q.ctid::text, ' ' order by q.channel) from public.recording_upload_queue q
    where q.org_id = c.org_id and q.call_id = c.id))
  from public.calls c
  left join public.call_tracking t on t.org_id = c.org_id and t.id = c.id
  left join public.call_logs l on l.org_id = c.org_id and l.id = c.id
  where c.org_id = of_org_id and c.provider = of_provider and c.provider_call_id = of_provider_call_id
$$;

grant execute on function call_ledger.places_of_call(uuid, text, text) to call_ledger_definer;
