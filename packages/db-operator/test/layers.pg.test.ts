import { ended, report, ringing, useLedger } from "@call-ledger/db/testing/ledger";
import { expect, test } from "vitest";
import { openInspection } from "../src/inspect/index.ts";

const ledger = useLedger();
const CALLS = 60;

test("no call is stale while calls are booked, and the check writes nothing", async () => {
  await using inspection = openInspection(ledger.db.ownerUrl);
  let isBooking = true;
  const book = async () => {
    for (let n = 0; n < CALLS; n += 1) {
      ledger.call = `live-${n}`;
      const deliveries = [ringing, ended, report([])].map((event) => ledger.delivery(event));
      const booked = await Promise.all(deliveries.map((delivery) => ledger.book(delivery)));
      expect(booked).toEqual([["applied"], ["applied"], ["applied"]]);
    }
    isBooking = false;
  };
  const booking = book();
  const checked: number[] = [];
  while (isBooking) {
    const seen = await inspection.callsWithStaleSummary();
    expect([seen.count, seen.sample]).toEqual([0, []]);
    checked.push(seen.checked);
  }
  await booking;
  // The check ran while they came, not only before or after.
  expect(new Set(checked).size).toBeGreaterThan(1);

  const rows = () => ledger.owner`select id, xmin::text, updated_at from calls order by id`;
  const before = await rows();
  await ledger.owner`update calls set ended_reason = 'by hand' where provider_call_id in ('live-3', 'live-4')`;
  const changed = await rows();
  const { checked: all, count, sample } = await inspection.callsWithStaleSummary();
  expect([all, count, sample.length]).toEqual([CALLS, 2, 2]);
  expect(await rows()).toEqual(changed);
  expect(changed).not.toEqual(before);
});
