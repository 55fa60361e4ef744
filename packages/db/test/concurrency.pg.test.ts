import fc from "fast-check";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GeneratedDelivery, OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  expectedRows,
  expectedState,
  generatedCall,
  rowsOf,
  testDatabase,
} from "../src/testing/index.ts";
import { eventsDocument } from "../src/write/delivery-document.ts";
import { prepareDelivery } from "../src/write/index.ts";

/*
 * Overlapping batches of a few calls on several connections. Some of them are rolled back after they have written. For
 * any interleaving, the rows have to be those of the model. A function that reads before it locks fails here.
 */

const CONNECTIONS = 6;
const ROUNDS = 150;
const CALLS = 3;

let db: TestDatabase;
let owner: postgres.Sql;
let writers: postgres.Sql[];
let fixture: OrganizationFixture;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  writers = Array.from({ length: CONNECTIONS }, () => postgres(db.appUrl, { max: 1, fetch_types: false }));
  fixture = await createOrganizationFixture(owner);
});

afterAll(async () => {
  await Promise.all([owner, ...writers].map((sql) => sql.end()));
  await db.drop();
});

type Step = { readonly call: number; readonly delivery: GeneratedDelivery };
class RolledBack extends Error {}

async function write(sql: postgres.Sql, names: readonly string[], batch: readonly Step[], aborts: boolean) {
  const deliveries = batch.map(({ call, delivery }) =>
    prepareDelivery(deliveryToBook(fixture, names[call] ?? "", delivery)),
  );
  const { text } = eventsDocument(deliveries.map(({ items }) => items));
  const payloadArray = `{${deliveries.map(({ packed }) => `"\\\\x${packed.toString("hex")}"`).join(",")}}`;
  const run = (fails: boolean) =>
    sql.begin(async (tx) => {
      await tx`select * from record_deliveries(${text}::text::jsonb, ${payloadArray}::text::bytea[])`;
      if (fails) throw new RolledBack();
    });
  await run(aborts).catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
    return run(false);
  });
}

const seed = Number(process.hrtime.bigint() % 2_147_483_647n);

test(`${ROUNDS} random schedules on ${CONNECTIONS} connections end in the model's rows (seed ${seed})`, async () => {
  process.stdout.write(`concurrency seed: ${seed}\n`);
  const schedule = fc.tuple(...Array.from({ length: CALLS }, () => generatedCall)).chain((calls) => {
    const steps: Step[] = calls.flatMap((deliveries, call) =>
      deliveries.map((delivery) => ({ call, delivery })),
    );
    return fc.record({
      calls: fc.constant(calls),
      steps: fc.shuffledSubarray([...steps, ...steps.slice(0, 4)], {
        minLength: steps.length + Math.min(4, steps.length),
      }),
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 30, maxLength: 30 }),
      aborts: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 30, maxLength: 30 }),
    });
  });
  let rollbacks = 0;
  for (const [round, { calls, steps, sizes, aborts }] of fc
    .sample(schedule, { numRuns: ROUNDS, seed })
    .entries()) {
    const names = calls.map((_, call) => `trial-${round}-${call}`);
    const queue = steps.slice();
    let taken = 0;
    await Promise.all(
      writers.map(async (sql) => {
        while (queue.length > 0) {
          const place = taken++;
          const doomed = aborts[place % aborts.length] === 0;
          rollbacks += Number(doomed);
          await write(sql, names, queue.splice(0, sizes[place % sizes.length] ?? 1), doomed);
        }
      }),
    );
    for (const [call, deliveries] of calls.entries()) {
      const providerCallId = names[call] ?? "";
      const state = expectedState(fixture, deliveries);
      const expected =
        state && expectedRows({ orgId: fixture.orgId, provider: "vapi", providerCallId }, state);
      expect(await rowsOf(owner, providerCallId), `round ${round}, call ${call}`).toEqual(expected);
    }
  }
  expect(rollbacks).toBeGreaterThan(0);
}, 180_000);
