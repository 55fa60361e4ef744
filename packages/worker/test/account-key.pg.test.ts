import { randomBytes, randomUUID } from "node:crypto";
import { secretBox } from "@call-ledger/credentials";
import { recordingOf, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { beforeAll, expect, test } from "vitest";
import type { WorkerConfig } from "../src/start/index.ts";
import type { QueuedCall, QueueRow } from "./harness/queued-calls.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

/*
 * The recordings of an organization's own account are requested with that account's key, and no other.
 */

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const OWN_KEY = "the-accounts-own-key";

const accountId = randomUUID();

const setting = useSetting();

beforeAll(async () => {
  const sealed = secretBox(ENCRYPTION_KEY).seal(OWN_KEY, { accountId, use: "api key" });
  await setting.calls.sql`insert into provider_accounts (id, org_id, provider, api_key)
    values (${accountId}, ${setting.calls.orgId}, 'vapi', ${sealed})`;
});

const apiPath = ({ providerCallId }: QueuedCall) => `/call/${providerCallId}/mono-recording`;

/** Queues a recording that only the API has, and waits for the worker's result. */
async function attempted(
  account: string,
  config: Partial<WorkerConfig>,
  wanted: readonly string[],
): Promise<{ call: QueuedCall; row: QueueRow; worker: ReturnType<typeof workerFor> }> {
  const call = await setting.calls.queue({ accountId: account });
  setting.host.answer(apiPath(call), whole(recordingOf(4_000)));
  const worker = workerFor(setting, {
    config: { VAPI_API_KEY: "the-platforms-key", VAPI_API_URL: setting.host.url(""), ...config },
  });
  const row = await until(
    async () => {
      const found = await setting.calls.rowOf(call);
      return wanted.includes(found.status) && found.attempts > 0 ? found : false;
    },
    `the recording is ${wanted.join(" or ")}`,
  );
  return { call, row, worker };
}

const keysSentFor = (call: QueuedCall) =>
  setting.host.requests
    .filter(({ path }) => path === apiPath(call))
    .map(({ authorization }) => authorization);

test("the account's own key is sent, and the platform's key only for the platform's calls", async () => {
  const own = await attempted(accountId, { ENCRYPTION_KEY }, ["stored"]);
  await own.worker.stop(2_000);
  expect(keysSentFor(own.call)).toEqual([`Bearer ${OWN_KEY}`]);
});

test.each([
  [
    "without ENCRYPTION_KEY",
    null,
    "The provider's API cannot be used: the account's API key cannot be read: ENCRYPTION_KEY is not set.",
  ],
  [
    "with another ENCRYPTION_KEY",
    randomBytes(32).toString("hex"),
    "The provider's API cannot be used: the account's API key cannot be read: it was encrypted with another ENCRYPTION_KEY.",
  ],
])("%s nothing is sent, the reason is booked, and the right key repairs it", async (_how, key, reason) => {
  const { call, row, worker } = await attempted(accountId, { ENCRYPTION_KEY: key }, ["pending"]);
  await worker.stop(2_000);
  expect(row.last_error).toBe(reason);
  expect(keysSentFor(call)).toEqual([]);
  expect(worker.lines.join("\n")).not.toContain(OWN_KEY);

  await setting.calls.hurry();
  const mended = workerFor(setting, { config: { ENCRYPTION_KEY, VAPI_API_URL: setting.host.url("") } });
  await until(async () => (await setting.calls.rowOf(call)).status === "stored", "it is stored");
  await mended.stop(2_000);
});

test("an account without a key never uses the key of another organization", async () => {
  const other = randomUUID();
  const keyless = randomUUID();
  const foreign = randomUUID();
  const sealed = secretBox(ENCRYPTION_KEY).seal("a-neighbours-key", { accountId: foreign, use: "api key" });
  await setting.calls.sql`insert into organizations (id, name) values (${other}, 'next door')`;
  await setting.calls.sql`insert into provider_accounts (id, org_id, provider, api_key) values
    (${keyless}, ${setting.calls.orgId}, 'vapi', null), (${foreign}, ${other}, 'vapi', ${sealed})`;
  for (const account of [keyless, foreign]) {
    const { call, row, worker } = await attempted(account, { ENCRYPTION_KEY }, ["failed"]);
    await worker.stop(2_000);
    expect(row.last_error).toMatch(/no API key is set/);
    expect(keysSentFor(call)).toEqual([]);
  }
});
