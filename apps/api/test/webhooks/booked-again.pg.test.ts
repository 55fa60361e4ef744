import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import type { OrganizationFixture } from "@call-ledger/db/testing";
import { createOrganizationFixture, deliveryToBook, KNOWN_FACTS } from "@call-ledger/db/testing";
import type { DeliveryToBook, Transport } from "@call-ledger/db/write";
import type { CallEvent } from "@call-ledger/domain";
import { bookingOver } from "@call-ledger/ingest";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";

let ledger: TestLedger;
let pool: Pool;
let fixture: OrganizationFixture;

beforeAll(async () => {
  ledger = await testLedger();
  fixture = await createOrganizationFixture(ledger.sql);
  pool = openPool(ledger.database.appUrl, { max: 2, name: "test", prepare: true });
});

afterAll(async () => {
  await pool.close(1_000);
  await ledger.drop();
});

/** The booking of a process, with its memory of booked deliveries. */
function bookingProcess(transport: Transport = "prepared") {
  const booking = bookingOver({
    pool,
    heavyPool: pool,
    transport: () => transport,
    keepsPayloads: () => true,
    channels: ["mono", "stereo"],
    queued: () => undefined,
    wrote: () => undefined,
  });
  return async (delivery: DeliveryToBook) =>
    (await booking.isBooked(delivery))
      ? { outcome: "duplicate" }
      : booking.book(booking.prepare(delivery), 0);
}

const ringing: CallEvent = {
  kind: "call.progressed",
  phase: "ringing",
  type: "status-update",
  occurredAt: Date.UTC(2026, 2, 12, 15),
};

/** A delivery of a call that counts how often its payload was made. */
function watched(call: string): { readonly delivery: DeliveryToBook; made(): number } {
  const delivery = deliveryToBook(fixture, call, { account: 0, facts: KNOWN_FACTS, event: ringing });
  let made = 0;
  return {
    delivery: {
      ...delivery,
      get payload() {
        made += 1;
        return delivery.payload;
      },
    },
    made: () => made,
  };
}

const payloadsOf = (call: string) =>
  ledger.sql`select payload is not null as there from processed_webhook_events where provider_call_id = ${call}`;

test("a repetition to the same process is answered without making its payload", async () => {
  const book = bookingProcess();
  expect(await book(watched("again").delivery)).toMatchObject({ outcome: "applied" });
  const copies = Array.from({ length: 20 }, () => watched("again"));
  const booked = await Promise.all(copies.map(({ delivery }) => book(delivery)));
  expect(booked.map(({ outcome }) => outcome)).toEqual(copies.map(() => "duplicate"));
  expect(copies.reduce((sum, { made }) => sum + made(), 0)).toBe(0);
});

test("another process, or one behind a pooler, makes the payload and gives the same answer", async () => {
  expect(await bookingProcess()(watched("elsewhere").delivery)).toMatchObject({ outcome: "applied" });
  const pooled = bookingProcess("literal");
  for (const book of [bookingProcess(), pooled, pooled]) {
    const copy = watched("elsewhere");
    expect(await book(copy.delivery)).toMatchObject({ outcome: "duplicate" });
    expect(copy.made()).toBeGreaterThan(0);
  }
});

test("a delivery that the process remembers but the database has lost is booked with its payload", async () => {
  const book = bookingProcess();
  await book(watched("lost").delivery);
  await ledger.sql.begin(async (tx) => {
    await tx`select set_config('call_ledger.system', 'on', true)`;
    await tx`delete from processed_webhook_events where provider_call_id = 'lost'`;
  });
  expect(await payloadsOf("lost")).toEqual([]);
  expect(await book(watched("lost").delivery)).toMatchObject({ outcome: "applied" });
  expect(await payloadsOf("lost")).toEqual([{ there: true }]);
});
