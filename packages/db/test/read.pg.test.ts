import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import { authenticateKey } from "../src/access/index.ts";
import { openPool } from "../src/client/index.ts";
import { migrate } from "../src/migrate/index.ts";
import { MIGRATIONS_FOLDER } from "../src/migrate/journal.ts";
import { readCallRecording, readRecordingStates } from "../src/read/index.ts";
import { emptyDatabase, PLATFORM_ACCOUNT } from "../src/testing/index.ts";
import { AT, known, ringing, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();

/** Returns the planner's way to find the call, as the reader of the ledger's organization. */
async function planOf(condition: string): Promise<string> {
  const app = postgres(ledger.db.appUrl, { max: 1 });
  try {
    const rows = await app.begin(async (tx) => {
      await tx`select set_config('role', 'call_ledger_reader', true),
        set_config('call_ledger.org_id', ${ledger.fixture.orgId}, true)`;
      return tx.unsafe(`explain select id from calls c where ${condition}`);
    });
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  } finally {
    await app.end();
  }
}

test("a call is found by an index under row-level security, by either id", async () => {
  await ledger.owner`insert into calls (org_id, id, provider, provider_account_id, provider_call_id)
    select ${ledger.fixture.orgId}, gen_random_uuid(), 'vapi', ${PLATFORM_ACCOUNT}, 'planned-' || n
    from generate_series(1, 3000) n`;
  await ledger.owner`analyze calls`;
  const ours = await planOf("c.id = '00000000-0000-4000-8000-000000000001'");
  expect(ours).toContain("using calls_pkey");
  expect(ours).toMatch(/Index Cond: .*org_id.* AND \(id = /);
  const theirs = await planOf("c.provider = any (string_to_array('vapi', ',')) and c.provider_call_id = 'x'");
  expect(theirs).toContain("using calls_org_provider_call_key");
  expect(theirs).toMatch(/Index Cond: .*org_id.*provider.*provider_call_id = /);
  await ledger.owner`delete from calls where provider_call_id like 'planned-%'`;
});

test("our id goes before an equal id of the provider", async () => {
  await ledger.record(ledger.delivery(ringing, known));
  const [first] = await ledger.owner`select id from calls where provider_call_id = ${ledger.call}`;
  ledger.call = String(first?.id);
  await ledger.record(ledger.delivery({ ...ringing, occurredAt: AT + 1 }, known));
  const rows = await ledger.owner`select id from calls where provider_call_id = ${first?.id}`;
  expect(rows).toHaveLength(1);
  await ledger.owner`insert into recording_upload_queue (org_id, call_id, channel, status, last_error)
    values (${ledger.fixture.orgId}, ${first?.id}, 'mono', 'failed', 'ours')`;
  const wanted = { call: String(first?.id), channel: "mono" } as const;
  expect(await readCallRecording(ledger.pool, ledger.fixture.orgId, wanted, 5_000)).toEqual({
    state: "failed",
    reason: "ours",
  });
});

test("recordings are counted by state, the stored ones as the rest", async () => {
  await ledger.owner`delete from recording_upload_queue`;
  const zero = { pending: 0, waiting: 0, fetching: 0, stored: 0, failed: 0, expired: 0 };
  expect(await readRecordingStates(ledger.pool, 5_000)).toEqual(zero);
  const states = ["pending", "fetching", "stored", "stored", "stored", "failed", "expired", "expired"];
  for (const [at, status] of states.entries()) {
    ledger.call = `counted-${at}`;
    await ledger.record(ledger.delivery(ringing, known));
    await ledger.owner`insert into recording_upload_queue (org_id, call_id, channel, status, storage_path)
      select org_id, id, 'mono', ${status}, 'p' from calls where provider_call_id = ${ledger.call}`;
  }
  expect(await readRecordingStates(ledger.pool, 5_000)).toEqual({
    pending: 1,
    waiting: 0,
    fetching: 1,
    stored: 3,
    failed: 1,
    expired: 2,
  });
});

test("a login from before key look-ups may do them after the migration", async () => {
  const db = await emptyDatabase();
  const folder = mkdtempSync(join(tmpdir(), "before-"));
  const role = `login_of_before_${Date.now()}`;
  const owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
    const journal = JSON.parse(readFileSync(join(folder, "meta", "_journal.json"), "utf8"));
    const at = journal.entries.findIndex(({ tag }: { tag: string }) => tag.endsWith("_signed_access"));
    expect(at).toBeGreaterThan(0);
    const before = { ...journal, entries: journal.entries.slice(0, at) };
    writeFileSync(join(folder, "meta", "_journal.json"), JSON.stringify(before));
    await migrate(db.ownerUrl, { folder });
    await owner.unsafe(`create role ${role} login noinherit password 'p'`);
    await owner.unsafe(`grant usage on schema public, call_ledger to ${role}`);
    await owner.unsafe(`grant execute on function public.record_deliveries(jsonb, bytea[]) to ${role}`);
    await migrate(db.ownerUrl);

    const url = new URL(db.ownerUrl);
    [url.username, url.password] = [role, "p"];
    const pool = openPool(url.href, { max: 1, name: "before" });
    expect(await authenticateKey(pool, Buffer.alloc(32), 5_000)).toBeNull();
    await pool.close(1_000);
  } finally {
    await owner.end();
    await db.drop();
    await ledger.owner.unsafe(`drop role if exists ${role}`);
    rmSync(folder, { recursive: true });
  }
});

test("a recording is of the asked organization, also without row-level security", async () => {
  await ledger.record(ledger.delivery(ringing, known));
  const [call] = await ledger.owner`select id from calls where provider_call_id = ${ledger.call}`;
  const [other] = await ledger.owner`insert into organizations (name) values ('next door') returning id`;
  const tables = ["calls", "recording_upload_queue"];
  try {
    for (const table of tables)
      await ledger.owner`alter table ${ledger.owner(table)} disable row level security`;
    for (const id of [ledger.call, String(call?.id)]) {
      const wanted = { call: id, channel: null };
      expect(await readCallRecording(ledger.pool, other?.id, wanted, 5_000)).toBeNull();
      expect(await readCallRecording(ledger.pool, ledger.fixture.orgId, wanted, 5_000)).not.toBeNull();
    }
  } finally {
    for (const table of tables)
      await ledger.owner`alter table ${ledger.owner(table)} enable row level security`;
  }
});

test("the reader works with an owner's URL too", async () => {
  await ledger.record(ledger.delivery(ringing, known));
  const pool = openPool(ledger.db.ownerUrl, { max: 1, name: "owner" });
  const wanted = { call: ledger.call, channel: null };
  expect(await readCallRecording(pool, ledger.fixture.orgId, wanted, 5_000)).toEqual({ state: "none" });
  const [other] = await ledger.owner`insert into organizations (name) values ('next door') returning id`;
  expect(await readCallRecording(pool, other?.id, wanted, 5_000)).toBeNull();
  await pool.close(1_000);
});
