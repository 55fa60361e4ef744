import { randomUUID } from "node:crypto";
import { loadConfig } from "@call-ledger/config";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { createLog } from "@call-ledger/process";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { receivingAccounts } from "../../src/webhooks/receiving-accounts.ts";
import { ENCRYPTION_KEY, makeAccount } from "../harness/access.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";

/* Requests with invented accounts must not keep the database busy. */

const NOW = Date.now();
const HEAD = { method: "POST", url: "", headers: {} };

function signedWith(secret: string) {
  const body = Buffer.from("{}");
  return { method: "POST", url: "", headers: signVapi(body, secret, NOW), body };
}

let ledger: TestLedger;
let pool: Pool;

beforeAll(async () => {
  ledger = await testLedger();
  pool = openPool(ledger.database.appUrl, { max: 3, name: "look-ups" });
});

afterAll(async () => {
  await pool.close(1_000);
  await ledger.drop();
});

/** The accounts over a pool that counts its queries, and how many of them run at the same time. */
function countedAccounts() {
  const loaded = loadConfig({ ENCRYPTION_KEY });
  if (!loaded.ok) throw new Error("no config");
  const counts = { asked: 0, underWay: 0, max: 0 };
  const counted: Pool = {
    async run(query, deadlineMs) {
      counts.asked += 1;
      counts.underWay += 1;
      counts.max = Math.max(counts.max, counts.underWay);
      try {
        return await pool.run(query, deadlineMs);
      } finally {
        counts.underWay -= 1;
      }
    },
    usage: pool.usage,
    close: pool.close,
  };
  return { counts, accountOf: receivingAccounts(loaded.config, counted, createLog("silent")) };
}

test("a thousand simultaneous requests with invented accounts are a few queries, one at a time", async () => {
  const { counts, accountOf } = countedAccounts();
  const real = await makeAccount(ledger, "secret");
  const ids = Array.from({ length: 1_000 }, () => randomUUID());
  const [found, ...none] = await Promise.all([real, ...ids].map((id) => accountOf("vapi", id, HEAD)));
  expect(found?.id).toBe(real);
  expect(
    [signedWith("secret"), signedWith("another")].map((one) => found?.credential.verify(one, NOW)),
  ).toEqual([
    { verified: true, deliveryId: null },
    { verified: false, because: "wrong_proof" },
  ]);
  // An account without settings accepts every kind of proof, also the secret itself.
  const shown = { ...signedWith("another"), headers: { "x-vapi-secret": "secret" } };
  expect(found?.credential.verify(shown, NOW).verified).toBe(true);
  expect(new Set(none)).toEqual(new Set([null]));
  expect(counts.asked).toBeLessThan(10);
  expect(counts.max).toBe(1);
});

test("an account, or a missing one, is looked up once as long as the answer is used", async () => {
  const { counts, accountOf } = countedAccounts();
  const ids = [await makeAccount(ledger, "secret"), randomUUID()];
  for (let time = 0; time < 50; time += 1) for (const id of ids) await accountOf("vapi", id, HEAD);
  expect(counts.asked).toBe(2);
});

test("an id that is not a UUID, the platform's own id, and another provider's account give no account", async () => {
  const { counts, accountOf } = countedAccounts();
  for (const id of [
    "nobody",
    "",
    "00000000-0000-4000-8000-000000000001",
    "5b1f0c1e'; drop table calls; --",
  ]) {
    expect(await accountOf("vapi", id, HEAD)).toBeNull();
  }
  expect(counts.asked).toBe(0);
  const real = await makeAccount(ledger, "secret");
  expect(await accountOf("retell", real, HEAD)).toBeNull();
  expect(await accountOf("vapi", real, HEAD)).not.toBeNull();
});
