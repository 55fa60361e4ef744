import { setTimeout } from "node:timers/promises";
import { ENCRYPTION_KEY, makeKey } from "@call-ledger/api/testing/access";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { BROWSER, signIn } from "@call-ledger/api/testing/people";
import type { RunningApi } from "@call-ledger/api/testing/running-api";
import { startApi, untilReady } from "@call-ledger/api/testing/running-api";
import { problemSchema } from "@call-ledger/contract/values";
import { randomFrom } from "@call-ledger/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedOrganization } from "./attacked-organization.ts";
import { attackedOrganization } from "./attacked-organization.ts";
import { randomRequest } from "./random-requests.ts";
import type { TableAnswer, TableRequest } from "./table-requests.ts";
import { askTable, servedRoutes } from "./table-requests.ts";

/** The max number of requests. Unless the environment sets it, the time limit ends the test earlier. */
const REQUESTS = Number(process.env.REQUESTS || 10_000);
const DEADLINE_MS = process.env.REQUESTS ? 600_000 : 8_000;
const AT_ONCE = 4;
const MAX_ATTEMPTS = 20;
const RETRY_MS = 500;

let ledger: TestLedger;
let api: RunningApi;
let attacked: AttackedOrganization;
let credentials: Readonly<Record<string, string>>[];

beforeAll(async () => {
  ledger = await testLedger();
  api = await startApi(ledger.database.appUrl, { API_REQUESTS_PER_MINUTE: "1000000", ENCRYPTION_KEY });
  await untilReady(api);
  attacked = await attackedOrganization(api, ledger, 3);
  const operator = await makeKey(ledger, { orgId: null });
  credentials = [
    attacked.key,
    attacked.key,
    { ...(await signIn(api, ledger, "admin", { orgId: attacked.id })), ...BROWSER },
    { ...(await signIn(api, ledger, "staff", { orgId: attacked.id })), ...BROWSER },
    { ...(await signIn(api, ledger, "viewer", { orgId: attacked.id })), ...BROWSER },
    operator.bearer,
    {},
  ];
});

afterAll(async () => {
  await api.stop();
  await ledger.drop();
});

/**
 * Repeats a request that got 503. On a busy machine a read may miss its deadline; only if it always does is that a
 * fault.
 */
async function answerTo(credential: Readonly<Record<string, string>>, request: TableRequest) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await askTable(api, credential, request);
    if (answer.status !== 503 || attempt === MAX_ATTEMPTS) return answer;
    process.stdout.write(`503, attempt ${attempt}: ${request.method} ${request.path}\n`);
    await setTimeout(RETRY_MS);
  }
}

/** Returns the fault of an answer, or `null` if there is none. */
function faultOf({ status, headers, text }: TableAnswer, { method }: TableRequest): string | null {
  if (status >= 500) return `${status}`;
  if (status < 400 || method === "HEAD") return null;
  if (headers.get("content-type") !== "application/problem+json") return `${status} is no problem document`;
  const { success, data } = problemSchema.safeParse(JSON.parse(text));
  return success && data.status === status ? null : `${status} differs from the contract: ${text}`;
}

test("random requests get an answer of the contract or a problem document, never 5xx", async () => {
  const seed = Number(process.env.SEED ?? 1);
  const random = randomFrom("requests", seed);
  const served = await servedRoutes(api);
  const until = Date.now() + DEADLINE_MS;
  const faults = new Map<string, string>();
  const statuses = new Map<number, number>();
  const asked = new Set<string>();
  let sent = 0;
  const asking = async () => {
    while (sent < REQUESTS && Date.now() < until) {
      // Each route first, so that none is left out by chance.
      const [id, route] = served[sent] ?? random.pick(served);
      asked.add(id);
      sent += 1;
      // Each request has an address of its own, because refused credentials are limited by address.
      const from = { "x-forwarded-for": `10.${sent >> 16}.${(sent >> 8) & 255}.${sent & 255}` };
      const request = randomRequest(random, route, attacked.ids);
      const isEnd = request.path.startsWith("/sign-out");
      const credential = isEnd ? attacked.key : random.pick(credentials);
      const answer = await answerTo({ ...credential, ...from }, request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(answer, request);
      if (fault !== null)
        faults.set(`${fault}: ${request.method} ${request.path.split("?")[0]}`, JSON.stringify(request));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, asking));
  process.stdout.write(`seed ${seed}: ${sent} requests, ${JSON.stringify(Object.fromEntries(statuses))}\n`);
  expect(Object.fromEntries(faults)).toEqual({});
  expect(asked).toEqual(new Set(served.map(([id]) => id)));
  expect(sent).toBeGreaterThan(200);
}, 700_000);
