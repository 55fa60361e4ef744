import { signVapi } from "@call-ledger/providers/testing/vapi";
import { beforeAll, expect, test } from "vitest";
import { ENCRYPTION_KEY, makeAccount, makeOrganization } from "../harness/access.ts";
import { deliver, message, send } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

/* The limit of the database gives each account 2 MB a minute. */

const SECRETS = ["the-first-accounts-own-secret", "the-second-accounts-own-secret"] as const;
let accounts: string[];

const { ledger, api } = useApi({ ENCRYPTION_KEY, DATABASE_LIMIT_MB: "20" });

beforeAll(async () => {
  await ledger.addAgent();
  accounts = [];
  for (const secret of SECRETS) {
    accounts.push(await makeAccount(ledger, secret, { orgId: await makeOrganization(ledger) }));
  }
});

const sendTo = (index: 0 | 1, body: Buffer) =>
  send(`${api.url}/api/webhooks/vapi/${accounts[index]}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...signVapi(body, SECRETS[index], Date.now()) },
    body,
  });

test("an account that is over its bytes of a minute gets 429 before anything is stored; other accounts do not", async () => {
  const large = (callId: string) =>
    message("status-update", callId, { status: "ringing", note: "x".repeat(1_200_000) });
  expect((await sendTo(0, large("budget-1"))).status).toBe(200);
  expect((await sendTo(0, large("budget-2"))).status).toBe(200);
  const refused = await sendTo(0, message("status-update", "budget-3", { status: "ringing" }));
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await ledger.sql`select from calls where provider_call_id = 'budget-3'`).toEqual([]);
  expect((await sendTo(1, message("status-update", "budget-4", { status: "ringing" }))).status).toBe(200);
  const atPlatform = await deliver(api.url, message("status-update", "budget-5", { status: "ringing" }));
  expect(atPlatform.status).toBe(200);
});
