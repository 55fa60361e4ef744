import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "../src/client/index.ts";
import { dropCallChanges, workerSession } from "../src/jobs/index.ts";
import type { ChangePlace } from "../src/read/index.ts";
import { readCallChanges, readLapsedCredentials } from "../src/read/index.ts";
import { ended, known, ringing, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();
let pool: Pool;

beforeAll(() => {
  pool = openPool(ledger.db.appUrl, { max: 1, name: "changes test" });
});
afterAll(() => pool.close(1_000));

const MAX = 1_000;
const since = (place: ChangePlace | null, orgId: string | null = null, max = MAX) =>
  readCallChanges(pool, { orgId, since: place, max }, 5_000);

/** Books one event in a transaction that stays open until `commit` is called. */
async function openBooking(call: string): Promise<{ commit(): Promise<void> }> {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: isBegun } = Promise.withResolvers<void>();
  const done = ledger.owner.begin(async (tx) => {
    await tx`select call_ledger.summarize_calls(array_agg(org_id), array_agg(id)) from calls
      where provider_call_id = ${call}`;
    isBegun();
    await held;
  });
  await begun;
  return {
    async commit() {
      release();
      await done;
    },
  };
}

test("each change is reported once, for any order in which transactions end", async () => {
  const names = ["slow", "quick"];
  for (const name of names) {
    ledger.call = name;
    await ledger.record(ledger.delivery(ringing, known));
  }
  const start = await since(null);
  expect(start).toMatchObject({ reset: false, changes: [] });
  const slow = await openBooking("slow");
  ledger.call = "quick";
  await ledger.record(ledger.delivery(ended, known));
  const first = await since(start.place);
  const [quick] = await ledger.owner`select id from calls where provider_call_id = 'quick'`;
  expect(first.changes).toMatchObject([{ id: quick?.id, orgId: ledger.fixture.orgId, phase: "ended" }]);
  await slow.commit();
  const second = await since(first.place);
  const [other] = await ledger.owner`select id from calls where provider_call_id = 'slow'`;
  expect(second.changes.map(({ id }) => id)).toEqual([other?.id]);
  expect((await since(second.place)).changes).toEqual([]);
  // From an older place, both are still reported.
  expect((await since(start.place)).changes).toHaveLength(2);
});

test("a transaction that is rolled back reports nothing", async () => {
  await ledger.record(ledger.delivery(ringing, known));
  const { place } = await since(null);
  await ledger.owner
    .begin(async (tx) => {
      await tx`select call_ledger.summarize_calls(array_agg(org_id), array_agg(id)) from calls`;
      throw new Error("rolled back");
    })
    .catch(() => undefined);
  expect((await since(place)).changes).toEqual([]);
});

test("an organization gets only the changes of its own calls", async () => {
  const { place } = await since(null);
  await ledger.record(ledger.delivery(ringing, known));
  const [next] = await ledger.owner`insert into organizations (name) values ('next door') returning id`;
  expect((await since(place, next?.id)).changes).toEqual([]);
  expect((await since(place, ledger.fixture.orgId)).changes).toHaveLength(1);
});

test("more changes than the limit, an old place and a place of another life give a reset", async () => {
  const { place } = await since(null);
  await ledger.record(ledger.delivery(ringing, known));
  ledger.call = "another";
  await ledger.record(ledger.delivery(ringing, known));
  expect(await since(place, null, 1)).toMatchObject({ reset: true, changes: [] });
  const old = { ...place, at: new Date(Date.now() - 51 * 60_000).toISOString() };
  expect(await since(old)).toMatchObject({ reset: true, changes: [] });
  // The effect of a crash on an unlogged table.
  await ledger.owner`delete from call_change_epochs`;
  const after = await since(place);
  expect(after).toMatchObject({ reset: true, changes: [] });
  expect(await since(after.place)).toMatchObject({ reset: false });
});

test("changes are deleted after an hour", async () => {
  await ledger.record(ledger.delivery(ringing, known));
  const session = workerSession(pool, 5_000);
  await ledger.owner`update call_changes set changed_at = now() - interval '61 minutes'`;
  await ledger.record(ledger.delivery(ended, known));
  expect(await dropCallChanges(session, 1)).toBe(1);
  expect(await dropCallChanges(session, MAX)).toBeGreaterThan(0);
  expect(await dropCallChanges(session, MAX)).toBe(0);
  expect(await ledger.owner`select from call_changes`).toHaveLength(1);
});

test("credentials that are no longer valid are returned", async () => {
  const { orgId } = ledger.fixture;
  const [held, revoked] =
    await ledger.owner`insert into api_keys (org_id, prefix, key_hash, scopes, revoked_at)
    values (${orgId}, 'a', sha256('a'), '{}', null), (${orgId}, 'b', sha256('b'), '{}', now()) returning id`;
  const [member, gone] = await ledger.owner`insert into members (org_id, email, name, role, removed_at)
    values (${orgId}, 'a@x.test', 'a', 'staff', null), (${orgId}, 'b@x.test', 'b', 'staff', now()) returning id`;
  const session = async (memberId: string, expires: string) => {
    const [row] = await ledger.owner`insert into sessions (token_hash, org_id, member_id, expires_at)
      values (sha256(convert_to(gen_random_uuid()::text, 'UTF8')), ${orgId}, ${memberId}, now() + ${expires}::interval)
      returning id`;
    return String(row?.id);
  };
  const lives = await session(member?.id, "1 day");
  const over = await session(member?.id, "-1 day");
  const removed = await session(gone?.id, "1 day");
  const asked = [held?.id, revoked?.id, lives, over, removed].map(String);
  const lapsed = await readLapsedCredentials(pool, asked, 5_000);
  expect(lapsed.toSorted()).toEqual([revoked?.id, over, removed].toSorted());
});
