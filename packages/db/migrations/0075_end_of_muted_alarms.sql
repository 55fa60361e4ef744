-- Opens, keeps and closes alarms by the sightings at `moment`, and queues one message for each channel that receives
-- it. `sightings`: condition, scope, org_id, opens, figures. An alarm closes when it was not seen for `quiet_seconds`.
-- It is repeated every `repeat_seconds` until it is acknowledged. A muted alarm is told nobody; its end is in the log.
-- Returns how many were opened and closed.
create or replace function call_ledger.settle_alarms(
  sightings jsonb, moment timestamptz, quiet_seconds integer, repeat_seconds integer) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  opened integer;
  closed uuid[];
begin
  -- Two processes that evaluate at the same time do it one after the other.
  perform pg_advisory_xact_lock(hashtextextended('call_ledger alarms', 0));

  insert into public.alarms (org_id, condition, scope, figures, opened_at, last_seen_at, muted_until)
  select s.org_id, s.condition, s.scope, s.figures, moment, moment, (
    -- Who has muted an alarm has muted the next one of the same kind too.
    select max(p.muted_until) from public.alarms p
    where p.condition = s.condition and p.scope = s.scope and p.muted_until > moment)
  from jsonb_to_recordset(sightings) as s (condition text, scope text, org_id uuid, opens boolean, figures jsonb)
  where s.opens
  on conflict (condition, scope) where closed_at is null do nothing;
  get diagnostics opened = row_count;

  update public.alarms a set last_seen_at = greatest(a.last_seen_at, moment), figures = s.figures
  from jsonb_to_recordset(sightings) as s (condition text, scope text, figures jsonb)
  where a.condition = s.condition and a.scope = s.scope and a.closed_at is null;

  with ended as (
    update public.alarms a set closed_at = moment
    where a.closed_at is null and a.last_seen_at <= moment - make_interval(secs => quiet_seconds)
    returning a.id)
  select coalesce(array_agg(e.id), '{}') into closed from ended e;

  with due as (
    select a.id, case when a.closed_at is not null then 'closed' when a.notified_at is null then 'opened' else 'repeated' end as kind,
      coalesce(a.muted_until > moment, false) as is_muted
    from public.alarms a
    where (a.muted_until is null or a.muted_until <= moment or a.closed_at is not null)
      and case
        when a.closed_at is not null then a.id = any (closed) and a.notified_at is not null
        else a.notified_at is null
          or (a.acknowledged_at is null and a.notified_at <= moment - make_interval(secs => repeat_seconds))
      end
      and (a.closed_at is null or a.id = any (closed))
  ), told as (
    update public.alarms a set notified_at = moment from due d where a.id = d.id
    returning a.*, d.kind, d.is_muted
  )
  insert into public.alert_deliveries (channel_id, news)
  select c.id, jsonb_agg(
    jsonb_build_object(
      'kind', t.kind, 'alarm_id', t.id, 'condition', t.condition, 'scope', t.scope, 'figures', t.figures,
      'at', moment, 'opened_at', t.opened_at)
    order by t.opened_at, t.id)
  from told t
  join public.alert_channels c on (c.org_id is null or c.org_id = t.org_id)
    -- A channel that takes no message is not told that it takes none.
    and t.scope <> 'channel:' || c.id
    and (c.kind = 'log' or not t.is_muted)
  group by c.id;

  return jsonb_build_object('opened', opened, 'closed', cardinality(closed));
end
$$;

grant execute on function call_ledger.settle_alarms to call_ledger_worker;

update call_ledger.schema_state set version = 76;
