import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../src/migrate/index.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { emptyDatabase } from "../src/testing/index.ts";
import { generousDefaults, supabaseRoles } from "./supabase.setup.ts";

/*
 * The catalog is the truth about who may do what. It is read in three databases: a bare one, and two as Supabase makes
 * them, with its default privileges for anon and authenticated, and without them.
 */

const STRANGERS = ["anon", "authenticated"];
const RPC = [
  "create_inbound_call_atomically",
  "update_call_completed_atomically",
  "update_call_with_recording_atomically",
];

/** The functions that the worker may execute. */
const JOBS = [
  "alarm_readings",
  "beat",
  "calls_to_ask",
  "cap_quarantine",
  "claim_alert_deliveries",
  "claim_housekeeping",
  "claim_reconciliation",
  "claim_recordings_in_turn",
  "compare_fetched_calls",
  "drop_call_changes",
  "drop_events",
  "drop_expired_access",
  "drop_payloads",
  "drop_provider_calls",
  "drop_quarantined",
  "extend_alert_delivery",
  "extend_housekeeping",
  "extend_reconciliation",
  "extend_recording",
  "find_account_api_key",
  "free_object",
  "has_calls_between",
  "hold_object",
  "judge_objects",
  "mark_overdue_calls",
  "note_comparison_key",
  "note_provider_calls",
  "note_unread",
  "quarantine_ages",
  "record_database_size",
  "recording_counts",
  "release_expired_leases",
  "release_housekeeping",
  "release_recording",
  "settle_alarms",
  "settle_alert_delivery",
  "settle_housekeeping",
  "settle_reconciliation",
  "settle_recording",
  "store_recording_with_peaks",
  "trim_alerts",
  "wait_for_host",
  "wake_waiting_recordings",
];

/** The functions that are executed to answer a request. */
const REQUESTS = [
  "account_credentials",
  "account_days",
  "acknowledge_alarm",
  "are_booked",
  "authenticate_key",
  "authenticate_session",
  "call_changes_since",
  "count_deliveries",
  "find_provider_account",
  "hurry_alert_deliveries",
  "lapsed_credentials",
  "ledger_status",
  "mute_alarm",
  "note_account_contacts",
  "queue_test_alert",
  "recording_states",
  "retry_recording",
  "rotate_account_secret",
  "use_sign_in_link",
];

/** Tables that are read before the organization is known, so their keys are global. */
const GLOBAL_KEYS = [
  "provider_accounts",
  "agents",
  "api_keys",
  "sessions",
  "sign_in_links",
  "audit_entries",
  "idempotency_keys",
  "account_contacts",
  "call_change_epochs",
  "call_routes",
  "organizations",
  "quarantined_deliveries",
  "background_heartbeats",
  "housekeeping_runs",
  "database_sizes",
  "alert_channels",
  "alarms",
  "alert_deliveries",
  "delivery_counts",
  "reconciled_accounts",
  "provider_calls",
];

const SETUPS = [
  { setup: "bare", prepare: async () => undefined },
  { setup: "Supabase without default privileges", prepare: supabaseRoles },
  {
    setup: "Supabase with default privileges",
    prepare: async (sql: postgres.Sql) => {
      await supabaseRoles(sql);
      await generousDefaults(sql);
    },
  },
];

describe.each(SETUPS)("$setup", ({ setup, prepare }) => {
  let db: TestDatabase;
  let root: postgres.Sql;

  beforeAll(async () => {
    db = await emptyDatabase();
    root = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
    await prepare(root);
    await migrate(db.ownerUrl);
  });

  afterAll(async () => {
    await root.end();
    await db.drop();
  });

  test("every table of the product has forced row-level security and a policy", async () => {
    const tables = await root`
      select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
        exists (select from pg_policy p where p.polrelid = c.oid) as has_policy
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`;
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.filter((table) => !(table.forced && table.has_policy))).toEqual([]);
  });

  test("every table of the product is named in own_tables, so that new ones are protected too", async () => {
    const missing = await root`
      select oid::regclass::text as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and oid not in (select t from call_ledger.own_tables() t)`;
    expect(missing.map((row) => row.name)).toEqual([]);
  });

  test("every unique key of an organization's table contains org_id", async () => {
    const keys = await root`
      select t.relname as table_name, i.indexrelid::regclass::text as index_name,
        array(select a.attname::text from unnest(i.indkey) k join pg_attribute a on a.attrelid = t.oid and a.attnum = k) as columns
      from pg_index i join pg_class t on t.oid = i.indrelid
      where t.relnamespace = 'public'::regnamespace and i.indisunique`;
    const loose = keys.filter(
      (key) => !key.columns.includes("org_id") && !GLOBAL_KEYS.includes(key.table_name),
    );
    expect(loose).toEqual([]);
    expect(keys.length).toBeGreaterThan(15);
  });

  test("foreign keys between organizations' tables carry org_id", async () => {
    const keys = await root`
      select conname as name,
        array(select a.attname::text from unnest(conkey) k join pg_attribute a on a.attrelid = conrelid and a.attnum = k) as columns
      from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace
        and confrelid in (select attrelid from pg_attribute where attname = 'org_id')
        and conrelid in (select attrelid from pg_attribute where attname = 'org_id')
        and confrelid <> 'provider_accounts'::regclass`;
    expect(keys.length).toBeGreaterThan(4);
    expect(keys.filter((key) => !key.columns.includes("org_id"))).toEqual([]);
  });

  test("nothing is granted to PUBLIC, anon or authenticated", async () => {
    const grants = await root`
      select c.oid::regclass::text as object, a.privilege_type, a.grantee::regrole::text as grantee
      from pg_class c cross join lateral aclexplode(c.relacl) a
      where c.relnamespace in ('public'::regnamespace, 'call_ledger'::regnamespace)
      union all
      select p.oid::regprocedure::text, a.privilege_type, a.grantee::regrole::text
      from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      where p.pronamespace in ('public'::regnamespace, 'call_ledger'::regnamespace)`;
    expect(grants.length).toBeGreaterThan(30);
    expect(grants.filter((grant) => ["-", ...STRANGERS].includes(grant.grantee))).toEqual([]);
  });

  test("the definer cannot log in, bypasses nothing and owns only the public functions", async () => {
    const [definer] = await root`
      select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = 'call_ledger_definer'`;
    expect(definer).toEqual({
      rolcanlogin: false,
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
    });
    const owned = await root`
      select oid::regclass::text as object from pg_class where relowner = 'call_ledger_definer'::regrole
      union all
      select oid::regprocedure::text from pg_proc where proowner = 'call_ledger_definer'::regrole and not prosecdef`;
    expect(owned.map((row) => row.object)).toEqual([]);
  });

  test("every function that runs as its owner belongs to the definer", async () => {
    const functions = await root`
      select proname as name, proowner::regrole::text as owner from pg_proc
      where prosecdef and pronamespace in ('public'::regnamespace, 'call_ledger'::regnamespace) order by 1`;
    expect(functions.map((fn) => fn.name)).toEqual(
      [
        ...RPC,
        ...JOBS,
        ...REQUESTS,
        "drop_unused_prompts",
        "record_deliveries",
        "replay_quarantined",
        "replay_waiting",
      ].sort(),
    );
    for (const fn of functions) {
      expect(fn.owner).toBe("call_ledger_definer");
    }
  });

  test("every function looks up names of types in pg_catalog first and in pg_temp last", async () => {
    const functions = await root`
      select proname as name, proconfig as settings, prosqlbody is not null as resolved from pg_proc
      where pronamespace = 'call_ledger'::regnamespace or proowner = 'call_ledger_definer'::regrole order by 1`;
    expect(functions.length).toBeGreaterThan(50);
    // The names in a body of the SQL standard were resolved when the function was created.
    const pinned = functions.filter(({ settings, resolved }) => settings !== null || !resolved);
    for (const { name, settings } of pinned)
      expect(settings, name).toContain("search_path=pg_catalog, pg_temp");
  });

  test("only the owner of the database may create temporary objects in it", async () => {
    const grants = await root`
      select a.grantee::regrole::text as grantee
      from pg_database d cross join lateral aclexplode(d.datacl) a
      where d.datname = current_database() and a.privilege_type = 'TEMPORARY'`;
    expect(grants.map((grant) => grant.grantee)).toEqual(["call_ledger_test_owner"]);
  });

  if (setup === "bare") return;

  test("a stranger can neither read a table nor execute a function", async () => {
    const tables = await root`select t::text as name from call_ledger.own_tables() t`;
    for (const stranger of STRANGERS) {
      for (const statement of [
        ...tables.map((table) => `select from ${table.name}`),
        ...tables.map((table) => `truncate ${table.name}`),
        `select * from public.record_deliveries('[]', '{}')`,
        `select public.replay_waiting(1)`,
        ...RPC.slice(0, 1).map((fn) => `select * from public.${fn}(null, null, null, null)`),
      ]) {
        const code = await root
          .begin(async (tx) => {
            await tx.unsafe(`set local role ${stranger}`);
            await tx.unsafe(statement);
          })
          .then(
            () => "passed",
            (error: postgres.PostgresError) => error.code,
          );
        expect(`${stranger}: ${statement}: ${code}`).toBe(`${stranger}: ${statement}: 42501`);
      }
    }
  });

  test("service_role books a call by rpc", async () => {
    const org = randomUUID();
    await root`insert into organizations (id, name) values (${org}, 'rpc')`;
    const booked = await root.begin(async (tx) => {
      await tx.unsafe("set local role service_role");
      return tx`select outcome from create_inbound_call_atomically(${org}, 'rpc-1', null, '+12025550143')`;
    });
    expect(booked.map((row) => row.outcome)).toEqual(["applied"]);
  });
});
