import type { DeliveryToBook } from "@call-ledger/db/write";
import { prepareDelivery } from "@call-ledger/db/write";
import { providerFor } from "@call-ledger/providers";
import { signVapi, vapiCredential } from "@call-ledger/providers/testing/vapi";
import { expect, test } from "vitest";
import { accountBudget } from "./account-budget.ts";
import { deliveryReader } from "./delivery-reader.ts";
import { ingestWebhook } from "./ingest-webhook.ts";

const SECRET = "a-secret-of-an-account";
const START = Date.UTC(2026, 2, 12, 15);

test("the time of the account's look-up is subtracted from the time for booking", async () => {
  const adapter = providerFor("vapi");
  if (adapter === null) throw new Error("no adapter");
  let now = START;
  const spent: number[] = [];
  const credential = vapiCredential(SECRET);
  const ports = {
    async accountOf(_provider: string, accountId: string | null) {
      now += 1_500;
      return { id: accountId ?? "", credential };
    },
    booking: {
      isBooked: async () => false,
      prepare: (delivery: DeliveryToBook) => ({
        ...prepareDelivery(delivery),
        eventIds: [],
        providerCallId: null,
        namesRecordings: false,
      }),
      async book(_delivery: unknown, spentMs: number) {
        spent.push(spentMs);
        return { outcome: "applied", reason: null, providerAgentId: null } as const;
      },
    },
    reader: deliveryReader(["mono"], 5),
    budget: accountBudget({ bytesPerMinute: 1_000_000, quarantinedBytes: 1_000_000 }, () =>
      performance.now(),
    ),
    now: () => now,
  };
  const body = Buffer.from(
    JSON.stringify({ message: { type: "status-update", status: "ringing", call: { id: "c" } } }),
  );
  const head = { method: "POST", url: "", headers: signVapi(body, SECRET, START) };
  const source = { read: async () => body, verified: () => undefined };
  const ingested = await ingestWebhook(ports, { adapter, accountId: "account", head, body: source });
  expect([ingested.outcome, spent]).toEqual(["applied", [1_500]]);
});
