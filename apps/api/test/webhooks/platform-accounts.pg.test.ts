import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { PROVIDERS } from "@call-ledger/providers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await testLedger();
});

afterAll(async () => {
  await ledger.drop();
});

test("every provider has a platform account, and the migrations insert it under the same id", async () => {
  expect(Object.keys(PLATFORM_ACCOUNTS)).toEqual(PROVIDERS.map(({ provider }) => provider));
  const rows = await ledger.sql<{ id: string; provider: string }[]>`
    select id, provider from provider_accounts where org_id is null`;
  expect(Object.fromEntries(rows.map(({ provider, id }) => [provider, id]))).toEqual({
    ...PLATFORM_ACCOUNTS,
  });
});
