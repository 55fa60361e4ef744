import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../src/testing/index.ts";
import { PLATFORM_ACCOUNT, testDatabase } from "../src/testing/index.ts";
import { alertBreaks, alertRows } from "./alert.constraints.ts";
import { comparisonBreaks, comparisonRows } from "./comparison.constraints.ts";

/*
 * Every constraint of the schema is violated once, by the owner, in raw SQL, and has to be reported by its own name.
 * The catalog lists the constraints: one without a case fails.
 */

let db: TestDatabase;
let sql: postgres.Sql;
const org = randomUUID();
const otherOrg = randomUUID();
const otherAccount = randomUUID();
const agent = randomUUID();
const call = randomUUID();
const HASH = "h".repeat(22);
const ids = { org, call };

beforeAll(async () => {
  db = await testDatabase();
  sql = postgres(db.ownerUrl, { max: 1 });
  await sql`insert into organizations (id, name) values (${org}, 'one'), (${otherOrg}, 'two')`;
  await sql`insert into provider_accounts (id, provider, org_id) values (${otherAccount}, 'vapi', ${otherOrg})`;
  await sql`insert into agents (id, org_id, provider_account_id, provider_agent_id, phone_number, provider_phone_number_id)
    values (${agent}, ${org}, ${PLATFORM_ACCOUNT}, 'asst', '+12025550100', 'num')`;
  await sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id)
    values (${org}, ${call}, 'vapi', ${PLATFORM_ACCOUNT}, 'c1')`;
  await sql`insert into call_tracking (org_id, id, provider, provider_account_id, provider_call_id)
    values (${org}, ${call}, 'vapi', ${PLATFORM_ACCOUNT}, 'c1')`;
  await sql`insert into call_logs (org_id, id, provider, provider_account_id, provider_call_id)
    values (${org}, ${call}, 'vapi', ${PLATFORM_ACCOUNT}, 'c1')`;
  await sql`insert into call_transcripts (org_id, call_id, fingerprint, role, text) values (${org}, ${call}, 'f', 'user', 'hi')`;
  await sql`insert into prompts (org_id, hash, text) values (${org}, ${HASH}, 'You answer the phone.')`;
  await sql`insert into call_prompts (org_id, call_id, hash) values (${org}, ${call}, ${HASH})`;
  await sql`insert into recording_upload_queue (id, org_id, call_id, channel) values (${call}, ${org}, ${call}, 'mono')`;
  await sql`insert into processed_webhook_events (org_id, event_id, event_type, provider, provider_call_id, received_at)
    values (${org}, 'e:1', 't', 'vapi', 'c1', now())`;
  await sql`insert into call_routes values (${PLATFORM_ACCOUNT}, 'c1', ${org})`;
  await sql`insert into quarantined_deliveries (id, provider, provider_account_id, reason, event_type, content_key, received_at)
    values (${call}, 'vapi', ${PLATFORM_ACCOUNT}, 'no_call', 't', 'k', now())`;
  await sql`insert into api_keys (id, org_id, prefix, key_hash, scopes)
    values (${call}, ${org}, 'p', decode(repeat('ab', 32), 'hex'), '{}')`;
  await sql`insert into members (org_id, id, email, name, role) values (${org}, ${call}, 'ada@one.test', 'Ada', 'admin')`;
  await sql`insert into sessions (id, org_id, member_id, token_hash, expires_at)
    values (${call}, ${org}, ${call}, decode(repeat('ab', 32), 'hex'), now())`;
  await sql`insert into sign_in_links (id, org_id, member_id, token_hash, expires_at)
    values (${call}, ${org}, ${call}, decode(repeat('ab', 32), 'hex'), now())`;
  await sql`insert into audit_entries (id, org_id, actor_kind, action, object_kind)
    values (${call}, ${org}, 'system', 'a', 'o')`;
  await sql`insert into idempotency_keys (credential_id, key, org_id, request_hash) values (${call}, 'k', ${org}, 'h')`;
  await sql`insert into call_annotations (org_id, call_id) values (${org}, ${call})`;
  await sql`insert into share_links (org_id, id, call_id, token_hash, expires_at)
    values (${org}, ${call}, ${call}, decode(repeat('ab', 32), 'hex'), now())`;
  await sql`insert into account_contacts (provider_account_id) values (${PLATFORM_ACCOUNT})`;
  await sql`insert into background_heartbeats (name, last_run_at) values ('worker:1', now())`;
  await sql`insert into housekeeping_runs (name, every_seconds) values ('job', 60)`;
  await sql`insert into database_sizes (at, size_bytes) values ('2026-03-12', 1)`;
  await alertRows(sql, ids);
  await comparisonRows(sql, ids);
});

afterAll(async () => {
  await sql.end();
  await db.drop();
});

const callColumns = "org_id, id, provider, provider_account_id, provider_call_id";
const layer = (table: string) => ({
  [`${table}_pkey`]: `insert into ${table} (${callColumns}) values ('${org}', '${call}', 'vapi', '${PLATFORM_ACCOUNT}', 'other')`,
});

/** A SHA-256 that no row has. */
const OTHER_HASH = "decode(repeat('cd', 32), 'hex')";

function people(): Record<string, string> {
  const stranger = randomUUID();
  const token = (table: string, values: string) =>
    `insert into ${table} (id, org_id, member_id, token_hash, expires_at) values (${values}, now())`;
  const annotated = (change: string) => `update call_annotations set ${change}`;
  return {
    members_pkey: `insert into members (org_id, id, email, name, role) values ('${org}', '${call}', 'b@one.test', 'B', 'admin')`,
    members_one_live_email: `insert into members (org_id, email, name, role) values ('${org}', 'ADA@one.test', 'B', 'admin')`,
    members_org_id_fkey: `insert into members (org_id, email, name, role) values ('${stranger}', 'b@one.test', 'B', 'admin')`,
    members_email_formed: "update members set email = 'ada at one'",
    members_name_bounded: "update members set name = ''",
    members_role_known: "update members set role = 'owner'",
    sessions_pkey: token("sessions", `'${call}', '${org}', '${call}', ${OTHER_HASH}`),
    sessions_token_hash_key: token("sessions", `'${stranger}', null, null, decode(repeat('ab', 32), 'hex')`),
    sessions_member_fkey: token("sessions", `'${stranger}', '${org}', '${stranger}', ${OTHER_HASH}`),
    sessions_token_hash_is_sha256: token("sessions", `'${stranger}', '${org}', '${call}', 'short'`),
    sessions_member_of_organization: "update sessions set member_id = null",
    sessions_user_agent_bounded: "update sessions set user_agent = repeat('x', 501)",
    sign_in_links_pkey: token("sign_in_links", `'${call}', '${org}', '${call}', ${OTHER_HASH}`),
    sign_in_links_token_hash_key: token(
      "sign_in_links",
      `'${stranger}', null, null, decode(repeat('ab', 32), 'hex')`,
    ),
    sign_in_links_member_fkey: token(
      "sign_in_links",
      `'${stranger}', '${org}', '${stranger}', ${OTHER_HASH}`,
    ),
    sign_in_links_token_hash_is_sha256: token("sign_in_links", `'${stranger}', '${org}', '${call}', 'short'`),
    sign_in_links_member_of_organization: "update sign_in_links set member_id = null",
    audit_entries_pkey: `insert into audit_entries (id, actor_kind, action, object_kind) values ('${call}', 'system', 'a', 'o')`,
    audit_entries_org_id_fkey: `insert into audit_entries (org_id, actor_kind, action, object_kind) values ('${stranger}', 'system', 'a', 'o')`,
    audit_entries_actor_known: `insert into audit_entries (org_id, actor_kind, action, object_kind) values ('${org}', 'ghost', 'a', 'o')`,
    idempotency_keys_pkey: `insert into idempotency_keys (credential_id, key, request_hash) values ('${call}', 'k', 'h')`,
    idempotency_keys_org_id_fkey: `insert into idempotency_keys (credential_id, key, org_id, request_hash) values ('${call}', 'l', '${stranger}', 'h')`,
    idempotency_keys_key_bounded: `insert into idempotency_keys (credential_id, key, request_hash) values ('${call}', '', 'h')`,
    call_annotations_pkey: `insert into call_annotations (org_id, call_id) values ('${org}', '${call}')`,
    call_annotations_call_fkey: `insert into call_annotations (org_id, call_id) values ('${otherOrg}', '${call}')`,
    call_annotations_tags_bounded: annotated("tags = array_fill('t'::text, array[21])"),
    call_annotations_note_bounded: annotated("note = repeat('x', 10001)"),
    call_annotations_external_ref_bounded: annotated("external_ref = ''"),
    call_annotations_external_url_is_web: annotated("external_url = 'javascript:alert(1)'"),
    share_links_pkey: `insert into share_links (org_id, id, call_id, token_hash, expires_at) values ('${org}', '${call}', '${call}', ${OTHER_HASH}, now())`,
    share_links_call_fkey: `insert into share_links (org_id, call_id, token_hash, expires_at) values ('${otherOrg}', '${call}', ${OTHER_HASH}, now())`,
    share_links_token_hash_is_sha256: "update share_links set token_hash = 'short'",
    account_contacts_pkey: `insert into account_contacts (provider_account_id) values ('${PLATFORM_ACCOUNT}')`,
    account_contacts_provider_account_fkey: `insert into account_contacts (provider_account_id) values ('${stranger}')`,
    account_contacts_refusal_bounded: "update account_contacts set last_refusal = repeat('x', 201)",
  };
}

/** By constraint or unique index: a statement that violates it and no other. */
const breaks: Record<string, string> = {
  ...layer("calls"),
  ...layer("call_tracking"),
  ...layer("call_logs"),
  ...people(),
  organizations_pkey: `insert into organizations (id, name) values ('${org}', 'again')`,
  organizations_name_not_empty: `insert into organizations (name) values ('')`,
  organizations_time_zone_named: `insert into organizations (name, time_zone) values ('z', 'XYZ+3')`,
  provider_accounts_pkey: `insert into provider_accounts (id, provider, org_id) values ('${otherAccount}', 'x', '${org}')`,
  provider_accounts_one_platform_account: `insert into provider_accounts (provider) values ('vapi')`,
  provider_accounts_org_id_fkey: `insert into provider_accounts (provider, org_id) values ('vapi', '${randomUUID()}')`,
  provider_accounts_recording_hosts_bounded: `update provider_accounts set recording_hosts = array_fill('a.test'::text, array[21])`,
  provider_accounts_two_secrets_at_most: `update provider_accounts set webhook_secrets = array['a', 'b', 'c']::bytea[]`,
  agents_pkey: `insert into agents (id, org_id, provider_account_id, provider_agent_id) values ('${agent}', '${org}', '${PLATFORM_ACCOUNT}', 'z')`,
  agents_one_live_provider_agent: `insert into agents (org_id, provider_account_id, provider_agent_id) values ('${otherOrg}', '${PLATFORM_ACCOUNT}', 'asst')`,
  agents_one_live_phone_number: `insert into agents (org_id, provider_account_id, provider_agent_id, phone_number) values ('${otherOrg}', '${PLATFORM_ACCOUNT}', 'b', '+12025550100')`,
  agents_one_live_provider_phone_number: `insert into agents (org_id, provider_account_id, provider_agent_id, provider_phone_number_id) values ('${otherOrg}', '${PLATFORM_ACCOUNT}', 'b', 'num')`,
  agents_org_id_fkey: `insert into agents (org_id, provider_account_id, provider_agent_id) values ('${randomUUID()}', '${PLATFORM_ACCOUNT}', 'b')`,
  agents_provider_account_fkey: `insert into agents (org_id, provider_account_id, provider_agent_id) values ('${org}', '${randomUUID()}', 'b')`,
  agents_provider_agent_id_bounded: `insert into agents (org_id, provider_account_id, provider_agent_id) values ('${org}', '${PLATFORM_ACCOUNT}', repeat('x', 201))`,
  agents_phone_number_e164: `insert into agents (org_id, provider_account_id, provider_agent_id, phone_number) values ('${org}', '${PLATFORM_ACCOUNT}', 'b', '202-555-0100')`,
  agents_account_of_own_organization: `insert into agents (org_id, provider_account_id, provider_agent_id) values ('${org}', '${otherAccount}', 'b')`,
  api_keys_pkey: `insert into api_keys (id, prefix, key_hash, scopes) values ('${call}', 'p', decode(repeat('cd', 32), 'hex'), '{}')`,
  api_keys_key_hash_key: `insert into api_keys (prefix, key_hash, scopes) values ('p', decode(repeat('ab', 32), 'hex'), '{}')`,
  api_keys_key_hash_is_sha256: `insert into api_keys (prefix, key_hash, scopes) values ('p', 'short', '{}')`,
  api_keys_scopes_known: `insert into api_keys (prefix, key_hash, scopes) values ('p', decode(repeat('cd', 32), 'hex'), '{calls:read,everything}')`,
  api_keys_org_id_fkey: `insert into api_keys (org_id, prefix, key_hash, scopes) values ('${randomUUID()}', 'p', decode(repeat('cd', 32), 'hex'), '{}')`,
  calls_org_provider_call_key: `insert into calls (${callColumns}) values ('${org}', '${randomUUID()}', 'vapi', '${PLATFORM_ACCOUNT}', 'c1')`,
  calls_org_id_fkey: `insert into calls (${callColumns}) values ('${randomUUID()}', '${randomUUID()}', 'vapi', '${PLATFORM_ACCOUNT}', 'c9')`,
  calls_agent_fkey: `insert into calls (${callColumns}, agent_id) values ('${otherOrg}', '${randomUUID()}', 'vapi', '${PLATFORM_ACCOUNT}', 'c9', '${agent}')`,
  calls_phase_known: `update calls set phase = 'dialing'`,
  calls_outcome_known: `update calls set phase = 'ended', outcome = 'great'`,
  calls_direction_known: `update calls set direction = 'sideways'`,
  calls_outcome_when_ended: `update calls set phase = 'ended'`,
  calls_duration_not_negative: `update calls set duration_seconds = -1`,
  calls_attention_known: `update calls set attention = array['odd']`,
  calls_caller_turns_not_negative: `update calls set caller_turns = -1`,
  calls_cost_not_negative: `update calls set cost_usd = -0.01`,
  calls_provider_call_id_bounded: `update calls set provider_call_id = ''`,
  idx_call_tracking_org_vapi_call_id: `with c as (insert into calls (${callColumns}) values ('${org}', '${otherOrg}', 'vapi', '${PLATFORM_ACCOUNT}', 'c2') returning id) insert into call_tracking (${callColumns}) select '${org}', '${otherOrg}', 'vapi', '${PLATFORM_ACCOUNT}', 'c1' from c`,
  call_tracking_call_fkey: `insert into call_tracking (${callColumns}) values ('${otherOrg}', '${call}', 'vapi', '${PLATFORM_ACCOUNT}', 'c9')`,
  call_tracking_outcome_known: `update call_tracking set outcome = 'great', ended_rank = 1`,
  call_tracking_direction_known: `update call_tracking set direction = 'sideways'`,
  call_tracking_ending_whole: `update call_tracking set outcome = 'completed'`,
  call_tracking_agent_evidence_known: `update call_tracking set agent_id = '${agent}', agent_evidence = 3`,
  call_tracking_agent_whole: `update call_tracking set agent_evidence = 1`,
  idx_call_logs_org_vapi_call_id: `with c as (insert into calls (${callColumns}) values ('${org}', '${otherOrg}', 'vapi', '${PLATFORM_ACCOUNT}', 'c2') returning id) insert into call_logs (${callColumns}) select '${org}', '${otherOrg}', 'vapi', '${PLATFORM_ACCOUNT}', 'c1' from c`,
  call_logs_call_fkey: `insert into call_logs (${callColumns}) values ('${otherOrg}', '${call}', 'vapi', '${PLATFORM_ACCOUNT}', 'c9')`,
  call_logs_outcome_known: `update call_logs set outcome = 'great'`,
  call_logs_cost_not_negative: `update call_logs set cost_usd = -1`,
  call_logs_duration_not_negative: `update call_logs set duration_seconds = -1`,
  call_transcripts_pkey: `insert into call_transcripts (org_id, call_id, fingerprint, role, text) values ('${org}', '${call}', 'f', 'user', 'again')`,
  call_transcripts_call_fkey: `insert into call_transcripts (org_id, call_id, fingerprint, role, text) values ('${otherOrg}', '${call}', 'g', 'user', 'x')`,
  prompts_pkey: `insert into prompts (org_id, hash, text) values ('${org}', '${HASH}', 'again')`,
  prompts_org_id_fkey: `insert into prompts (org_id, hash, text) values ('${randomUUID()}', '${HASH}', 'x')`,
  prompts_hash_bounded: `insert into prompts (org_id, hash, text) values ('${org}', 'short', 'x')`,
  call_prompts_pkey: `insert into call_prompts values ('${org}', '${call}', '${HASH}')`,
  call_prompts_call_fkey: `with p as (insert into prompts (org_id, hash, text) values ('${otherOrg}', '${HASH}', 'x')) insert into call_prompts values ('${otherOrg}', '${call}', '${HASH}')`,
  call_prompts_prompt_fkey: `insert into call_prompts values ('${org}', '${call}', '${"i".repeat(22)}')`,
  recording_upload_queue_pkey: `insert into recording_upload_queue (id, org_id, call_id, channel) values ('${call}', '${org}', '${call}', 'stereo')`,
  recording_upload_queue_org_call_channel_key: `insert into recording_upload_queue (org_id, call_id, channel) values ('${org}', '${call}', 'mono')`,
  recording_upload_queue_call_fkey: `insert into recording_upload_queue (org_id, call_id, channel) values ('${otherOrg}', '${call}', 'mono')`,
  recording_upload_queue_channel_known: `update recording_upload_queue set channel = 'surround'`,
  recording_upload_queue_status_known: `update recording_upload_queue set status = 'lost'`,
  recording_upload_queue_attempts_not_negative: `update recording_upload_queue set attempts = -1`,
  recording_upload_queue_stored_is_not_held: `update recording_upload_queue set status = 'stored', storage_path = 'p', object_held_until = now()`,
  recording_upload_queue_only_stored_has_peaks: `update recording_upload_queue set peaks_path = 'p'`,
  recording_upload_queue_sha256_is_sha256: `update recording_upload_queue set sha256 = 'short'`,
  recording_upload_queue_stored_has_path: `update recording_upload_queue set status = 'stored'`,
  call_routes_pkey: `insert into call_routes values ('${PLATFORM_ACCOUNT}', 'c1', null)`,
  call_routes_provider_account_fkey: `insert into call_routes values ('${randomUUID()}', 'c1', null)`,
  call_routes_provider_call_id_bounded: `insert into call_routes values ('${PLATFORM_ACCOUNT}', repeat('x', 201), null)`,
  idx_processed_events_org_event: `insert into processed_webhook_events (org_id, event_id, event_type, provider, provider_call_id, received_at) values ('${org}', 'e:1', 't', 'vapi', 'c1', now())`,
  quarantined_deliveries_pkey: `insert into quarantined_deliveries (id, provider, provider_account_id, reason, event_type, content_key, received_at) values ('${call}', 'vapi', '${PLATFORM_ACCOUNT}', 'no_call', 't', 'k2', now())`,
  quarantined_deliveries_content_key: `insert into quarantined_deliveries (provider, provider_account_id, reason, event_type, content_key, received_at) values ('vapi', '${PLATFORM_ACCOUNT}', 'no_call', 't', 'k', now())`,
  quarantined_deliveries_reason_known: `update quarantined_deliveries set reason = 'bored'`,
  quarantined_deliveries_provider_account_fkey: `update quarantined_deliveries set provider_account_id = '${randomUUID()}'`,
  housekeeping_runs_pkey: `insert into housekeeping_runs (name, every_seconds) values ('job', 1)`,
  database_sizes_pkey: `insert into database_sizes (at, size_bytes) values ('2026-03-12', 2)`,
  ...alertBreaks(ids),
  ...comparisonBreaks(ids),
  background_heartbeats_pkey: `insert into background_heartbeats (name, last_run_at) values ('worker:1', now())`,
};

/** These exist for the deployment guide and for adopted databases. NOT NULL is checked before them. */
const UNREACHABLE = ["call_logs", "call_tracking", "calls", "recording_upload_queue"].map(
  (table) => `${table}_org_id_not_null`,
);

/** Triggers that delete unused rows or change the case of ids, and refuse nothing. */
const TIDIES = ["agents_ids_in_one_case", "call_prompts_gone"];

/** Runs a statement in a transaction that is always rolled back, and returns the error's code and constraint. */
async function breaking(statement: string): Promise<{ code: string; constraint: string | undefined }> {
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(statement);
      throw new Error("the statement passed");
    });
  } catch (error) {
    if (error instanceof postgres.PostgresError)
      return { code: error.code, constraint: error.constraint_name };
    throw error;
  }
  throw new Error("unreachable");
}

test("the violating role is not a superuser and does not bypass row-level security", async () => {
  const [me] = await sql`select rolsuper, rolbypassrls from pg_roles where rolname = current_user`;
  expect(me).toEqual({ rolsuper: false, rolbypassrls: false });
});

describe("every constraint is reported by its own name", () => {
  test.each(Object.entries(breaks))("%s", async (name, statement) => {
    const { code, constraint } = await breaking(statement);
    expect(constraint).toBe(name);
    expect(code).toMatch(/^23/);
  });
});

test("the catalog has no constraint, unique index or constraint trigger without a case here", async () => {
  const rows = await sql`
    select conname as name from pg_constraint
    where connamespace = 'public'::regnamespace and contype in ('c', 'u', 'p', 'f')
    union
    select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = 'public'::regnamespace and i.indisunique
    union
    select tgname from pg_trigger where not tgisinternal and tgrelid <> 'drizzle.__drizzle_migrations'::regclass
    order by 1`;
  expect(rows.map((row) => row.name)).toEqual([...Object.keys(breaks), ...UNREACHABLE, ...TIDIES].sort());
});

test.each(UNREACHABLE)("%s exists and is valid", async (name) => {
  const rows = await sql`
    select contype, convalidated, pg_get_constraintdef(oid) as definition from pg_constraint where conname = ${name}
    and contype = 'c'`;
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { contype: "c", convalidated: true, definition: "CHECK ((org_id IS NOT NULL))" },
  ]);
});

test.each(["calls", "call_tracking", "call_logs", "recording_upload_queue", "processed_webhook_events"])(
  "a row of %s without an organization is refused as 23502",
  async (table) => {
    expect((await breaking(`update ${table} set org_id = null`)).code).toBe("23502");
  },
);

test.each(["Europe/Berlin", "America/Port-au-Prince", "America/North_Dakota/New_Salem", "UTC"])(
  "an organization may live in %s",
  async (zone) => {
    const [row] =
      await sql`insert into organizations (name, time_zone) values ('z', ${zone}) returning time_zone`;
    expect(row?.time_zone).toBe(zone);
  },
);

test("a time zone that Postgres does not know is refused", async () => {
  const statement = "insert into organizations (name, time_zone) values ('z', 'Mars/Olympus')";
  expect((await breaking(statement)).code).toBe("22023");
});
