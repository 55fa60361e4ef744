-- Books one call's events for an organization that the caller names, on the platform's account of a provider, and
-- answers with the call and one outcome for all of them. Raises 23503 or 42501 with what to do.
create or replace function call_ledger.book_for_organization(
  org_id uuid, provider text, account_id uuid, provider_call_id text, events jsonb[],
  out call_id uuid, out outcome text)
language plpgsql set search_path = ''
as $$
declare
  document jsonb;
  booked record;
begin
  if not exists (select from public.organizations o where o.id = book_for_organization.org_id) then
    raise exception 'there is no such organization' using errcode = '23503', constraint = 'calls_org_id_fkey';
  end if;

  select jsonb_agg(
    jsonb_build_object(
      'ord', e.place, 'delivery', 1, 'leads', e.place = 1, 'account_id', account_id, 'provider', provider,
      'provider_call_id', provider_call_id, 'speaks', true, 'direction', 'unknown',
      'received_at', clock_timestamp(), 'org_id', org_id,
      'event_id', split_part(e.event ->> 'kind', '.', 2) || ':' || left(translate(
        encode(sha256(convert_to(
          jsonb_build_array('sql', account_id, org_id, provider_call_id, e.event)::text, 'UTF8')), 'base64'), '+/=', '-_'), 22)
    ) || e.event order by e.place)
    into document
  from unnest(events) with ordinality as e (event, place);
  document := (select jsonb_agg(i || jsonb_build_object('content_key', i -> 'event_id'))
               from jsonb_array_elements(document) i);

  select bool_or(r.outcome = 'quarantined') as refused, bool_or(r.outcome = 'applied') as applied
    into booked
  from public.record_deliveries(document, '{}') r;
  if booked.refused then
    raise exception 'the call belongs to another organization' using errcode = '42501';
  end if;

  outcome := case when booked.applied then 'applied' else 'duplicate' end;
  select c.id into call_id from public.calls c
  where c.org_id = book_for_organization.org_id and c.provider = book_for_organization.provider
    and c.provider_call_id = book_for_organization.provider_call_id;
end
$$;
