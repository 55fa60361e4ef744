import postgres from "postgres";
import { expect, test } from "vitest";
import { ringing, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();

/** Returns a delivery of another call than this test's. */
function deliveryOf(call: string) {
  const mine = ledger.call;
  ledger.call = call;
  const delivery = ledger.delivery(ringing);
  ledger.call = mine;
  return delivery;
}

test("a call whose lock is held for long delays no other call of its batch", async () => {
  await ledger.record(deliveryOf("held"));
  const holder = postgres(ledger.db.ownerUrl, { max: 1 });
  const others = ["one", "two", "three", "four"].map(deliveryOf);
  const [first, second, ...rest] = others;
  if (first === undefined || second === undefined) throw new Error("no deliveries");
  const outcomes = await holder.begin(async (tx) => {
    await tx`select * from call_routes where provider_call_id = 'held' for update`;
    const late = ledger.delivery({ ...ringing, occurredAt: 1_773_327_843_655 });
    const held = { ...late, content: { ...late.content, providerCallId: "held" } };
    return ledger.book(first, second, held, ...rest);
  });
  await holder.end();
  expect(outcomes).toEqual(["applied", "applied", "55P03", "applied", "applied"]);
});

test("if the database is gone, each delivery gets its own error, and none is lost by an exception", async () => {
  await ledger.pool.close(100);
  const outcomes = await ledger.book(ledger.delivery(ringing), deliveryOf("gone"));
  expect(outcomes).toEqual(["CONNECTION_ENDED", "CONNECTION_ENDED"]);
});
