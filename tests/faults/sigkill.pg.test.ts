import { randomInt } from "node:crypto";
import { startProcess } from "@call-ledger/api/testing/api-process";
import { ASSISTANT, deliver } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { contentOf, eventIdsOf } from "@call-ledger/api/testing/ledger-content";
import { startApi, untilReady } from "@call-ledger/api/testing/running-api";
import type { SimulatedDelivery } from "@call-ledger/simulator";
import { randomFrom, simulateCall } from "@call-ledger/simulator";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";

const MIN_KILLS = 12;
/** The max number of kills. They end earlier, after each place was hit. */
const MAX_KILLS = 40;
const SENDERS = 6;
const LATEST_KILL_MS = 200;
/** The delay to the database and back. It makes a kill more likely to hit the transfer or the statement. */
const NETWORK_MS = 8;
const STATEMENT_MS = 15;

const seed = randomInt(1_000_000_000);
const random = randomFrom("sigkill", seed);

let killed: TestLedger;
let undisturbed: TestLedger;

beforeAll(async () => {
  [killed, undisturbed] = await Promise.all([testLedger(), testLedger()]);
  await Promise.all([killed.addAgent(), undisturbed.addAgent()]);
  await killed.sql.unsafe(`
    create function take_time() returns trigger language plpgsql as
      $$ begin perform pg_sleep(random() * ${STATEMENT_MS / 1000}); return new; end $$;
    create trigger take_time before insert on processed_webhook_events for each row execute function take_time()`);
});

afterAll(async () => {
  await Promise.all([killed.drop(), undisturbed.drop()]);
});

type Sent = { readonly delivery: SimulatedDelivery; readonly eventIds: readonly string[]; answered: boolean };

/** Yields the deliveries of whole calls, one after another. */
function* deliveries(): Generator<SimulatedDelivery, never> {
  for (let call = 0; ; call += 1) {
    const startedAt = Date.UTC(2026, 2, 12, 15) + call * 60_000;
    yield* simulateCall({ seed: `${seed}-${call}`, assistantId: ASSISTANT, startedAt, turns: 4 }).deliveries;
  }
}

async function booked(): Promise<Set<string>> {
  const rows = await killed.sql`select event_id from processed_webhook_events`;
  return new Set(rows.map((row) => String(row.event_id)));
}

/** Waits for Postgres, which finishes the statement of a killed process. */
async function untilNothingRuns(): Promise<void> {
  const sessions = () => killed.sql`select pid from pg_stat_activity
    where datname = current_database() and application_name = 'call-ledger deliveries'`;
  await expect.poll(sessions, { timeout: 10_000, interval: 10 }).toEqual([]);
}

type Round = { readonly sent: readonly Sent[]; readonly atOnce: Set<string>; readonly inTheEnd: Set<string> };

/**
 * Sends deliveries to a new process and kills it some time after the first delivery or after the first answer. Returns
 * the events that were booked at that moment and at the end.
 */
async function sendUntilKilled(supply: Iterator<SimulatedDelivery, never>, isWarm: boolean): Promise<Round> {
  const proxy = await tcpProxy(killed.database.appUrl, () => random.fraction() * NETWORK_MS);
  const api = await startProcess(proxy.url);
  const sent: Sent[] = [];
  let isAlive = true;
  const senders = Array.from({ length: SENDERS }, async () => {
    while (isAlive) {
      const delivery = supply.next().value;
      const one: Sent = { delivery, eventIds: eventIdsOf(delivery.body), answered: false };
      sent.push(one);
      const received = await deliver(api.url, Buffer.from(delivery.body)).catch(() => null);
      one.answered = received?.status === 200;
    }
  });
  if (isWarm) await until(() => sent.some(({ answered }) => answered), "a delivery is answered");
  await new Promise((resolve) => setTimeout(resolve, random.fraction() * LATEST_KILL_MS));
  isAlive = false;
  api.signal("SIGKILL");
  const atOnce = await booked();
  await Promise.all(senders);
  expect(await api.ended).toBe("SIGKILL");
  await untilNothingRuns();
  await proxy.stop();
  return { sent, atOnce, inTheEnd: await booked() };
}

/** Sends deliveries one after another to a server that is not killed. */
async function sendInPeace(ledger: TestLedger, bodies: readonly string[]): Promise<void> {
  const api = await startApi(ledger.database.appUrl);
  try {
    await untilReady(api);
    for (const body of bodies) expect((await deliver(api.url, Buffer.from(body))).status).toBe(200);
  } finally {
    await api.stop();
  }
}

test("a killed process loses no delivery that it answered, and a redelivery is not booked twice", async () => {
  process.stdout.write(`SIGKILL: seed ${seed}\n`);
  const supply = deliveries();
  const all: Sent[] = [];
  const fell = { beforeClaim: 0, betweenStatementAndCommit: 0, betweenCommitAndAnswer: 0, answered: 0 };

  const isMissed = () => Object.values(fell).includes(0);
  let kills = 0;
  for (; kills < MIN_KILLS || (isMissed() && kills < MAX_KILLS); kills += 1) {
    const { sent, atOnce, inTheEnd } = await sendUntilKilled(supply, kills % 3 !== 0);
    for (const { delivery, eventIds, answered } of sent) {
      const isIn = (events: ReadonlySet<string>) => eventIds.every((id) => events.has(id));
      if (answered) expect(isIn(inTheEnd), `${delivery.type} was answered`).toBe(true);
      if (answered) fell.answered += 1;
      else if (isIn(atOnce)) fell.betweenCommitAndAnswer += 1;
      else if (isIn(inTheEnd)) fell.betweenStatementAndCommit += 1;
      else fell.beforeClaim += 1;
    }
    all.push(...sent);
  }
  process.stdout.write(`SIGKILL: places that ${kills} kills hit, by delivery: ${JSON.stringify(fell)}\n`);

  const unanswered = all.filter(({ answered }) => !answered);
  await sendInPeace(
    killed,
    unanswered.map(({ delivery }) => delivery.body),
  );
  await sendInPeace(
    undisturbed,
    all.map(({ delivery }) => delivery.body),
  );
  expect(await contentOf(killed)).toEqual(await contentOf(undisturbed));
  for (const [where, times] of Object.entries(fell)) expect(times, where).toBeGreaterThan(0);
}, 120_000);
