import { randomInt } from "node:crypto";
import { openPool, type Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type { GeneratedDelivery, OrganizationFixture, TestDatabase } from "@call-ledger/db/testing";
import {
  createOrganizationFixture,
  deliveryToBook,
  expectedRows,
  expectedState,
  inOrganization,
  rowsOf,
  sampleCalls,
  testDatabase,
} from "@call-ledger/db/testing";
import type { Booked, DeliveryToBook, PreparedDelivery } from "@call-ledger/db/write";
import { bookPrepared, payloadReferences, prepareDelivery } from "@call-ledger/db/write";
import { smartBatch } from "@call-ledger/ingest";
import { randomFrom } from "@call-ledger/simulator";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * The smart batcher with batches that mix owners, calls, repetitions and deliveries that the database refuses, on two
 * batchers like those of two processes. Whatever is in one batch, the rows are those that the domain's rules give.
 */

const ROUNDS = 16;
const ORGANIZATIONS = 4;
const CALLS_EACH = 10;
const POISON_SHARE = 0.06;
const REPEATED_SHARE = 0.4;
const BATCH_SIZES = [3, 8, 25, 100];

const seed = randomInt(1_000_000_000);
const random = randomFrom("mixed batches", seed);

let db: TestDatabase;
let owner: postgres.Sql;
let pools: Pool[];
let fixtures: OrganizationFixture[];

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  pools = [0, 1].map((place) => openPool(db.appUrl, { max: 3, name: `mixed ${place}`, prepare: true }));
  fixtures = [];
  for (let organization = 0; organization < ORGANIZATIONS; organization += 1)
    fixtures.push(await createOrganizationFixture(owner, organization));
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close(1_000)));
  await owner.end();
  await db.drop();
});

type Item = {
  readonly organization: number;
  readonly call: string;
  readonly poisonous: boolean;
  readonly delivery: DeliveryToBook;
};
type GeneratedCall = {
  readonly organization: number;
  readonly call: string;
  readonly deliveries: readonly GeneratedDelivery[];
};

/** The number of batches with each kind of content; none may be zero. */
const mixed = new Map<string, number>();

function note(batch: readonly Item[]): void {
  const distinct = (of: (item: Item) => unknown) => new Set(batch.map(of)).size;
  const eventOf = ({ delivery: { content } }: Item) =>
    "events" in content ? content.events.map(({ eventId }) => eventId).join() : content.contentKey;
  const poison = batch.filter(({ poisonous }) => poisonous);
  const found = {
    "several organizations": distinct(({ organization }) => organization) > 1,
    "several calls": distinct(({ call }) => call) > 1,
    "one call several times": distinct(({ call }) => call) < batch.length,
    "one event twice": distinct(eventOf) < batch.length,
    "two accounts": distinct(({ delivery }) => delivery.accountId) > 1,
    "poison among others": poison.length > 0 && poison.length < batch.length,
    "poison beside its own call": poison.some(({ call }) =>
      batch.some((other) => !other.poisonous && other.call === call),
    ),
    "several poisons": poison.length > 1,
    "all of it at once":
      poison.length > 0 &&
      distinct(({ organization }) => organization) > 1 &&
      distinct(eventOf) < batch.length,
    "a full batch": batch.length === 100,
  };
  mixed.set("batches", (mixed.get("batches") ?? 0) + 1);
  for (const [what, happened] of Object.entries(found)) {
    mixed.set(what, (mixed.get(what) ?? 0) + Number(happened));
  }
}

type Sendable = { readonly item: Item; readonly prepared: PreparedDelivery };

/** A batcher like the api's, with batches of at most so many deliveries. */
function batcher(pool: Pool, maxItems: number): (item: Item) => Promise<Booked[number]> {
  const references = payloadReferences(100_000);
  const send = smartBatch<Sendable, Booked[number]>(
    {
      write: (batch, deadlineMs) => {
        note(batch.map(({ item }) => item));
        const deliveries = batch.map(({ prepared }) => prepared);
        return bookPrepared(pool, deliveries, { transport: "prepared", deadlineMs, references });
      },
      weigh: () => 1,
      now: () => performance.now(),
    },
    {
      maxWrites: 2,
      maxItems,
      maxWeight: 1_000,
      maxWaiting: 10_000,
      maxWaitingWeight: 10_000,
      deadlineMs: 120_000,
    },
  );
  return (item) => send({ item, prepared: prepareDelivery(item.delivery, { references }) });
}

function callsOfRound(round: number): GeneratedCall[] {
  return sampleCalls(seed + round, ORGANIZATIONS * CALLS_EACH).map((deliveries, index) => {
    const organization = index % ORGANIZATIONS;
    return {
      organization,
      call: `mixed-${round}-${index}`,
      deliveries: deliveries.map((delivery) => inOrganization(delivery, organization)),
    };
  });
}

/** The deliveries that arrive, in any order: each one, repetitions of some, and some that the database refuses. */
function arrivals(calls: readonly GeneratedCall[], round: number): Item[] {
  const items = calls.flatMap(({ organization, call, deliveries }) =>
    deliveries.map((generated): Item => {
      const fixture = fixtures[organization] as OrganizationFixture;
      return { organization, call, poisonous: false, delivery: deliveryToBook(fixture, call, generated) };
    }),
  );
  const again = items.filter(() => random.chance(REPEATED_SHARE));
  const poison = items
    .filter(() => random.chance(POISON_SHARE))
    .map((item, place) => poisoned(item, round, place));
  return random.shuffled([...items, ...again, ...poison]);
}

/** An event of the same call with a NUL in a text, which Postgres refuses before the function begins. */
function poisoned(item: Item, round: number, place: number): Item {
  const { delivery } = item;
  if (!("events" in delivery.content)) throw new Error("a generated delivery has events");
  const facts = { ...delivery.content.facts, customerNumber: `nul \u0000 ${place}` };
  const payload = JSON.stringify({ poison: `${item.call} ${round} ${place}` });
  return {
    ...item,
    poisonous: true,
    delivery: { ...delivery, payload, content: { ...delivery.content, facts } },
  };
}

async function verify({ organization, call, deliveries }: GeneratedCall): Promise<void> {
  const fixture = fixtures[organization] as OrganizationFixture;
  const state = expectedState(fixture, deliveries);
  const key = { orgId: fixture.orgId, provider: "vapi", providerCallId: call };
  expect(await rowsOf(owner, call), call).toEqual(state && expectedRows(key, state));
}

test(`mixed batches give the rows of the domain's rules (seed ${seed})`, async () => {
  let poisons = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const calls = callsOfRound(round);
    const items = arrivals(calls, round);
    const maxItems = BATCH_SIZES[round % BATCH_SIZES.length] ?? 1;
    const batchers = pools.map((pool) => batcher(pool, maxItems));
    const outcomes = await Promise.all(items.map((item) => random.pick(batchers)(item)));
    for (const [index, { poisonous, call }] of items.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined || outcome instanceof DbError) throw new Error(`${call}: ${outcome?.code}`);
      expect(outcome.reason === "refused", call).toBe(poisonous);
      poisons += Number(poisonous);
    }
    for (const call of calls) await verify(call);
  }
  const [row] =
    await owner`select count(*)::int as count from quarantined_deliveries where reason = 'refused'`;
  expect(row?.count).toBe(poisons);
  process.stdout.write(`mixed batches, seed ${seed}: ${JSON.stringify(Object.fromEntries(mixed))}\n`);
  for (const [what, times] of mixed) expect(times, what).toBeGreaterThan(0);
}, 300_000);
