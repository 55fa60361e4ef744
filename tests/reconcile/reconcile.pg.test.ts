import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documentOf, runOps, spawnOps } from "@call-ledger/ops/testing/run-ops";
import { until } from "@call-ledger/testkit/process";
import { DAY, MINUTE } from "@call-ledger/worker/testing/reconciled-ledger";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LossyLedger } from "./lossy-ledger.ts";
import { heldBy, lossyLedger, truthOf } from "./lossy-ledger.ts";

/*
 * Compares a ledger that lost deliveries with a provider whose list lags and whose API limits the rate. CALLS=10000
 * sets another number of calls.
 */

const CALLS = Number(process.env.CALLS ?? 500);
const KILLS = 10;
/** So few that a slow machine exceeds them too. */
const RATE = { requests: 4, perMs: 2_000 };
const LOST = { call: CALLS * 0.03, report: CALLS * 0.03, end: CALLS * 0.01 };

let ledger: LossyLedger;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reconcile-"));
  // The lag is 30 to 90 seconds, as observed of Vapi's list.
  ledger = await lossyLedger(CALLS, {
    rate: RATE,
    lagMs: (id) => 30_000 + (Number.parseInt(id.slice(0, 4), 16) % 60_000),
  });
  writeFileSync(join(folder, "ca.pem"), ledger.certificate.cert);
  // Slows the booking down, so that a kill is more likely to hit it.
  await ledger.sql.unsafe(`
    create function take_time() returns trigger language plpgsql as
      $$ begin perform pg_sleep(0.005); return new; end $$;
    create trigger take_time before insert on processed_webhook_events for each row
      when (new.event_type = 'reconciled-call') execute function take_time()`);
  await ledger.receive();
}, 600_000);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await ledger.drop();
});

const environment = () => ({
  DATABASE_URL: ledger.database.ownerUrl,
  VAPI_API_KEY: "private",
  VAPI_API_URL: ledger.vapi.url,
  RECORDING_TEST_HOSTS: ledger.vapi.testHost,
  NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
});

const booked = async () => {
  const [row] = await ledger.sql`select count(*)::int as n from processed_webhook_events`;
  return Number(row?.n);
};

const answered = () => ledger.vapi.requests.filter(({ status }) => status === 200).length;

/** Returns the number of calls whose missing parts were noted since a moment and are not booked yet. */
async function notBooked(since: Date): Promise<number> {
  const [row] = await ledger.sql`select count(*)::int as n from provider_calls
    where missing = 'not_booked' and compared_at > ${since}`;
  return Number(row?.n);
}

/** The points of a kill: after the provider's answer, between a note and the booking, and after a booking. */
const PLACES = ["answer", "note", "booking"] as const;

/** Kills a comparison. Returns the number of its notes that are not booked. */
async function kill(place: (typeof PLACES)[number], requests: number): Promise<number> {
  const [requestsBefore, eventsBefore] = [answered(), await booked()];
  const [clock] = await ledger.sql`select now() as now`;
  const { child, finished } = spawnOps(["reconcile"], environment());
  const isThere = {
    answer: () => answered() >= requestsBefore + requests,
    note: async () => (await notBooked(clock?.now)) > 0,
    booking: async () => (await booked()) > eventsBefore,
  };
  await until(isThere[place], `there is a ${place}`, 60, 2);
  child.kill("SIGKILL");
  expect((await finished).code, "it was killed before it ended").toBeNull();
  // Without this its lease would end 40 seconds later.
  await ledger.sql`update reconciled_accounts set next_run_at = now()`;
  return notBooked(clock?.now);
}

async function comparedByHand() {
  const { code, stdout, stderr } = await runOps(["reconcile", "--json"], environment());
  expect([code, stderr]).toEqual([0, ""]);
  return documentOf({ code, stdout, stderr }).accounts[0];
}

test("after comparisons that were killed at ten points the ledger has the provider's facts", async () => {
  let unbooked = 0;
  for (let n = 0; n < KILLS; n += 1) {
    const place = PLACES[n % PLACES.length];
    if (place !== undefined) unbooked += await kill(place, 1 + n / PLACES.length);
  }
  expect(unbooked).toBeGreaterThan(0);
  const { result } = await comparedByHand();
  expect(result.repaired).toBeGreaterThan(0);

  // The remaining deliveries are sent, and the ledger receives them.
  for (let minutes = 0; minutes < 45; minutes += 5) {
    ledger.advance(5 * MINUTE);
    await ledger.receive();
    expect((await ledger.reconcile()).error).toBeNull();
  }
  expect(await heldBy(ledger)).toEqual(truthOf(ledger));
  const found = await ledger.sql`select lacked, count(*)::int as n from provider_calls group by 1 order by 1`;
  expect(Object.fromEntries(found.map(({ lacked, n }) => [lacked, n]))).toEqual({
    ...LOST,
    null: CALLS * 0.93,
  });
  const missing = await ledger.sql`select from provider_calls where missing is not null`;
  expect(missing.length).toBe(0);

  const requests = ledger.vapi.requests.length;
  const refused = ledger.vapi.requests.filter(({ status }) => status === 429).length;
  expect(refused).toBeGreaterThan(0);
  process.stdout.write(
    `${CALLS} calls: ${requests} requests, of which ${refused} got 429; ${KILLS} kills left ${unbooked} calls noted and not booked\n`,
  );
}, 600_000);

test("a second comparison of all calls books nothing", async () => {
  const before = await booked();
  const requests = ledger.vapi.requests.length;
  const all = { from: ledger.now() - 14 * DAY, to: ledger.now() };
  const { tally } = await ledger.reconcile(undefined, all);
  expect(tally).toMatchObject({ listed: CALLS, repaired: 0, missing: 0, unsettled: 0, gone: 0 });
  expect(tally.requests).toBe(ledger.vapi.requests.length - requests);
  expect(await booked()).toBe(before);
  process.stdout.write(`${CALLS} calls once more: ${tally.requests} requests\n`);
}, 600_000);

test("the days are complete and show the repaired calls", async () => {
  const { stdout } = await runOps(["calls", "completeness", "--json"], environment());
  const [account] = documentOf({ code: 0, stdout, stderr: "" }).accounts;
  const sums: Record<string, number> = {};
  let theirs = 0;
  for (const { repaired, provider_calls, difference } of account.days) {
    theirs += provider_calls;
    expect(difference).toBe(0);
    for (const [lack, n] of Object.entries(repaired)) sums[lack] = (sums[lack] ?? 0) + Number(n);
  }
  expect([theirs, sums]).toEqual([CALLS, LOST]);
}, 60_000);
