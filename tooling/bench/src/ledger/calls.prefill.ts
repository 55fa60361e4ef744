import type postgres from "postgres";

/**
 * Fills the ledger up to `total` calls with set-based statements, then runs ANALYZE. The calls are finished. Each has
 * its route, three layers, a recording job and five booked events. They belong to all organizations, and began in the
 * months before the traffic. Payloads are short by default, because a delivery never reads them: its cost grows with
 * the rows that it searches.
 */
export async function prefillCalls(
  sql: postgres.Sql,
  from: number,
  total: number,
  payloadBytes = SHORT_PAYLOAD_BYTES,
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('call_ledger.system', 'on', true)`;
    await tx.unsafe("set local synchronous_commit = off");
    await tx.unsafe(PLAN, [from, total]);
    for (const statement of FILL) await tx.unsafe(statement);
    await tx.unsafe(EVENTS, [payloadBytes]);
  });
  await sql.unsafe("vacuum analyze");
}

const SHORT_PAYLOAD_BYTES = 60;

/** The calls to make. Their ids grow with time, like the ids of providers and of the ledger. */
const PLAN = `
create temporary table planned on commit drop as
select n, o.org_id, p.id as account_id, t.at,
  overlay(overlay(gen_random_uuid()::text placing
      lpad(to_hex((extract(epoch from t.at) * 1000)::bigint >> 16), 8, '0') from 1 for 8) placing
      lpad(to_hex((extract(epoch from t.at) * 1000)::bigint & 65535), 4, '0') from 10 for 4)::uuid as id,
  overlay(overlay(gen_random_uuid()::text placing
      lpad(to_hex((extract(epoch from t.at) * 1000)::bigint >> 16), 8, '0') from 1 for 8) placing
      lpad(to_hex((extract(epoch from t.at) * 1000)::bigint & 65535), 4, '0') from 10 for 4) as call_id
from generate_series($1::int + 1, $2::int) n
cross join lateral (select timestamptz '2025-03-01' + n * interval '30 seconds' as at) t
cross join (select array_agg(id order by id) as ids from organizations) a
cross join lateral (select a.ids[1 + n % cardinality(a.ids)] as org_id) o
cross join (select id from provider_accounts where org_id is null and provider = 'vapi') p`;

const FILL = [
  `insert into call_routes (provider_account_id, provider_call_id, org_id) select account_id, call_id, org_id from planned`,
  `insert into calls (org_id, id, provider, provider_account_id, provider_call_id, direction, phase, outcome, ended_reason,
    customer_number, started_at, ended_at, duration_seconds, cost_usd, created_at)
  select org_id, id, 'vapi', account_id, call_id, 'inbound', 'ended', 'completed', 'customer-ended-call',
    '+12025550' || lpad((n % 1000)::text, 3, '0'), at, at + interval '3 minutes', 180, 0.42, at from planned`,
  `insert into call_tracking (org_id, id, provider, provider_account_id, provider_call_id, phase, ringing_at, answered_at,
    ended_at, ended_reason, outcome, ended_rank, direction, created_at)
  select org_id, id, 'vapi', account_id, call_id, 'ended', at, at, at + interval '3 minutes', 'customer-ended-call',
    'completed', 1, 'inbound', at from planned`,
  `insert into call_logs (org_id, id, provider, provider_account_id, provider_call_id, transcript, summary, cost_usd,
    started_at, ended_at, ended_reason, outcome, duration_seconds, report_version, created_at)
  select org_id, id, 'vapi', account_id, call_id, repeat('AI: Good morning. ', 10), 'An appointment was made.', 0.42, at,
    at + interval '3 minutes', 'customer-ended-call', 'completed', 180, 'p' || left(md5(call_id), 29), at from planned`,
  `insert into recording_upload_queue (org_id, call_id, channel, status, storage_path, created_at)
  select org_id, id, 'mono', 'stored', call_id, at from planned`,
];

const EVENTS = `insert into processed_webhook_events (org_id, event_id, event_type, provider, provider_call_id, occurred_at,
    received_at, created_at, payload)
  select org_id, 'progressed:' || left(translate(encode(sha256((call_id || k)::bytea), 'base64'), '+/', '-_'), 22),
    'status-update', 'vapi', call_id, at + k * interval '40 seconds', at, at, decode(repeat('7b', $1::int), 'hex')
  from planned cross join generate_series(1, 5) k`;
