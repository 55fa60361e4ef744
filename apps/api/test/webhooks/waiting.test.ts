import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Pool } from "@call-ledger/db/client";
import { accountBudget, bookingOver, deliveryReader, ingestWebhook } from "@call-ledger/ingest";
import type { ProviderAdapter } from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import { signVapi, vapiCredential } from "@call-ledger/providers/testing/vapi";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";

const SECRET = "a-secret-of-an-account";
const CREDENTIAL = vapiCredential(SECRET);

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A database that answers only when the test says so. */
const SLOW: Pool = {
  run: () => new Promise<never>(() => undefined),
  usage: () => ({ name: "slow", max: 1, running: 1, waiting: 0, replaced: 0 }),
  close: async () => undefined,
};

/** Holds weak references to the objects that the adapter read. */
function watched(adapter: ProviderAdapter, read: WeakRef<object>[]): ProviderAdapter {
  return {
    ...adapter,
    read(body) {
      const delivery = adapter.read(body);
      read.push(new WeakRef(delivery));
      if ("events" in delivery) read.push(...delivery.events.map((event) => new WeakRef(event)));
      return delivery;
    },
  };
}

test("while a delivery waits for the database, the objects that were read from it are not kept in memory", async () => {
  const booking = bookingOver({
    pool: SLOW,
    heavyPool: SLOW,
    transport: () => "prepared",
    keepsPayloads: () => true,
    channels: ["mono"],
    queued: () => undefined,
    wrote: () => undefined,
  });
  const vapi = providerFor("vapi");
  if (vapi === null) throw new Error("no adapter");
  const read: WeakRef<object>[] = [];
  const adapter = watched(vapi, read);
  const ports = {
    accountOf: async () => ({ id: "account", credential: CREDENTIAL }),
    booking,
    reader: deliveryReader(["mono"], 5),
    budget: accountBudget({ bytesPerMinute: 1_000_000, quarantinedBytes: 1_000_000 }, () =>
      performance.now(),
    ),
    now: Date.now,
  };
  const answers = Array.from({ length: 20 }, (_, index) => {
    const message = { type: "status-update", status: "ringing", call: { id: `waiting-${index}` } };
    const body = Buffer.from(JSON.stringify({ message }));
    const head = { method: "POST", url: "", headers: signVapi(body, SECRET, Date.now()) };
    const source = { read: async () => body, verified: () => undefined };
    // A delivery that waits too long is refused, long after this test.
    return ingestWebhook(ports, { adapter, accountId: null, head, body: source }).catch(() => undefined);
  });
  const held = () => booking.queue().deliveries + booking.queue().writing;
  await until(() => held() === answers.length, "all of them wait");
  expect([answers.length, held(), read.length]).toEqual([20, 20, 40]);
  const kept = () => read.filter((one) => one.deref() !== undefined).length;
  await until(() => {
    collectGarbage();
    return kept() === 0;
  }, "nothing of them is kept");
});
