-- Books one call's events for an organization that the caller names, on the platform's account of a provider. Returns
-- the call and one outcome for all events: `applied` if a row of the call has changed, otherwise `duplicate`. The
-- statements of a caller are ordered by a clock that is read under the call's lock, so a later value corrects an
-- earlier one. Raises 23503 or 42501 with what to do.
create or replace function call_ledger.book_for_organization(
  org_id uuid, provider text, account_id uuid, provider_call_id text, events jsonb[],
  out call_id uuid, out outcome text)
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
#variable_conflict use_variable
declare
  live public.call_tracking;
  report public.call_logs;
  version text;
  rows_before text;
  document jsonb;
  refused boolean;
begin
  if not exists (select from public.organizations o where o.id = org_id) then
    raise exception 'there is no such organization' using errcode = '23503', constraint = 'calls_org_id_fkey';
  end if;

  insert into public.call_routes (provider_account_id, provider_call_id) values (account_id, provider_call_id)
  on conflict do nothing;
  select r.org_id <> org_id into refused
  from public.call_routes r
  where r.provider_account_id = account_id and r.provider_call_id = provider_call_id
  for no key update;
  perform from public.calls c
  where c.org_id = org_id and c.provider = provider and c.provider_call_id = provider_call_id
  for no key update;
  select t.* into live from public.call_tracking t
  where t.org_id = org_id and t.provider = provider and t.provider_call_id = provider_call_id;
  select l.* into report from public.call_logs l
  where l.org_id = org_id and l.provider = provider and l.provider_call_id = provider_call_id;

  version := 'c' || lpad((extract(epoch from clock_timestamp()) * 1000000)::bigint::text, 16, '0');
  rows_before := call_ledger.places_of_call(org_id, provider, provider_call_id);
  -- json_agg and a cast: jsonb_agg copies each string in a time that grows with all that follows it in its value.
  select json_agg(
    e.event || jsonb_build_object(
      'ord', e.place, 'delivery', 1, 'leads', e.place = 1, 'account_id', account_id, 'provider', provider,
      'provider_call_id', provider_call_id, 'speaks', true, 'direction', coalesce(e.event ->> 'direction', 'unknown'),
      'received_at', clock_timestamp(), 'org_id', org_id, 'source', version,
      'report_version', case when e.event ? 'report' then version end,
      'event_id', e.id, 'content_key', e.id)
    order by e.place)::jsonb
    into document
  from (
    select n.event, row_number() over (order by n.place) as place,
      split_part(n.event ->> 'kind', '.', 2) || ':' || left(translate(
        encode(sha256(convert_to(
          jsonb_build_array('sql', account_id, org_id, provider_call_id, version, n.event)::text, 'UTF8')), 'base64'),
        '+/=', '-_'), 22) as id
    from (
      select call_ledger.caller_news(e.event, live, report) as event, e.place
      from unnest(events) with ordinality as e (event, place)) n
    where n.event is not null) e;

  if document is not null and refused is not true then
    select bool_or(r.outcome = 'quarantined') into refused from public.record_deliveries(document, '{}') r;
  end if;
  if refused then
    raise exception 'the call belongs to another organization' using errcode = '42501';
  end if;

  outcome := case when rows_before is distinct from call_ledger.places_of_call(org_id, provider, provider_call_id)
    then 'applied' else 'duplicate' end;
  select c.id into call_id from public.calls c
  where c.org_id = org_id and c.provider = provider and c.provider_call_id = provider_call_id;
end
$$;

grant execute on function call_ledger.book_for_organization(uuid, text, uuid, text, jsonb[]) to call_ledger_definer;
