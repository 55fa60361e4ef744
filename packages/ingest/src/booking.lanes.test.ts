import type { Pool } from "@call-ledger/db/client";
import { providerFor } from "@call-ledger/providers";
import { expect, test } from "vitest";
import { bookingOver } from "./booking.ts";
import { readDelivery } from "./read-delivery.ts";

/** A database that never answers, and the number of its queries. */
function silentPool() {
  let asked = 0;
  const pool: Pool = {
    run() {
      asked += 1;
      return new Promise<never>(() => undefined);
    },
    usage: () => ({ name: "silent", max: 1, running: 0, waiting: 0, replaced: 0 }),
    close: async () => undefined,
  };
  return { pool, asked: () => asked };
}

function delivery(call: string, characters: number, accountId = "account") {
  const adapter = providerFor("vapi");
  if (adapter === null) throw new Error("no adapter");
  const report = { type: "end-of-call-report", call: { id: call }, transcript: "x".repeat(characters) };
  const body = Buffer.from(JSON.stringify({ message: report }));
  const verified = {
    provider: "vapi",
    accountId,
    receivedAt: Date.UTC(2026, 2, 12),
    providerDeliveryId: null,
    body,
  };
  const read = readDelivery(adapter, verified).delivery;
  if (read === null) throw new Error("the body is chatter, which is not stored");
  return read;
}

function bookingBeside(light: ReturnType<typeof silentPool>, heavy: ReturnType<typeof silentPool>) {
  return bookingOver({
    pool: light.pool,
    heavyPool: heavy.pool,
    transport: () => "prepared",
    keepsPayloads: () => true,
    channels: ["mono"],
    queued: () => undefined,
    wrote: () => undefined,
  });
}

test("a heavy delivery is written on its own connections, and so are later deliveries of its call", () => {
  const [light, heavy] = [silentPool(), silentPool()];
  const booking = bookingBeside(light, heavy);
  // Read before, because the second write begins beside the first after a few milliseconds.
  const read = (call: string, characters: number, accountId?: string) =>
    booking.prepare(delivery(call, characters, accountId));
  const [large, later] = [read("large", 100_000), read("large", 10)];
  const [small, ofAnother] = [read("small", 10), read("large", 10, "another account")];
  const book = (prepared: typeof large) => void booking.book(prepared, 0).catch(() => undefined);
  book(large);
  expect([light.asked(), heavy.asked()]).toEqual([0, 1]);
  book(later);
  expect([light.asked(), booking.queue().deliveries]).toEqual([0, 1]);
  book(small);
  book(ofAnother);
  expect([light.asked(), booking.queue()]).toMatchObject([1, { deliveries: 2, writing: 2 }]);
});

test("a report of the usual size is written with other deliveries", () => {
  const [light, heavy] = [silentPool(), silentPool()];
  const booking = bookingBeside(light, heavy);
  void booking.book(booking.prepare(delivery("usual", 40_000)), 0);
  expect([light.asked(), heavy.asked()]).toEqual([1, 0]);
});
