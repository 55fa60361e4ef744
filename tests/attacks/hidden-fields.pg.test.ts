import { ENCRYPTION_KEY } from "@call-ledger/api/testing/access";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { askApi, signIn } from "@call-ledger/api/testing/people";
import type { RunningApi } from "@call-ledger/api/testing/running-api";
import { startApi, untilReady } from "@call-ledger/api/testing/running-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedOrganization } from "./attacked-organization.ts";
import { attackedOrganization } from "./attacked-organization.ts";
import { askTable, requestOf, servedRoutes, withQuery } from "./table-requests.ts";

/* Whoever builds agents for a business has the role staff: no answer may show staff or a viewer costs or the prompt. */

const FIELDS = ["cost_usd", "costs", "prompts"];

let ledger: TestLedger;
let api: RunningApi;
let ours: AttackedOrganization;

beforeAll(async () => {
  ledger = await testLedger();
  api = await startApi(ledger.database.appUrl, { API_REQUESTS_PER_MINUTE: "1000000", ENCRYPTION_KEY });
  await untilReady(api);
  ours = await attackedOrganization(api, ledger, 5);
});

afterAll(async () => {
  await api.stop();
  await ledger.drop();
});

/** Returns what an admin reads of the call: its prompts, and its cost in dollars, which no other number equals. */
async function secrets(): Promise<string[]> {
  await ledger.sql`update calls set cost_usd = 7.654321 where org_id = ${ours.id}`;
  await ledger.sql`update call_logs set cost_usd = 7.654321 where org_id = ${ours.id}`;
  const { json } = await askApi(api, ours.key, "GET", `/calls/${ours.ids.call}`);
  const prompts = (json.prompts as { text: string }[]).map(({ text }) => JSON.stringify(text).slice(1, 40));
  expect(prompts.length).toBeGreaterThan(0);
  expect(json).toMatchObject({ cost_usd: "7.654321", costs: expect.anything() });
  return [...prompts, "7.654321"];
}

test.each(["staff", "viewer"] as const)("%s reads no cost and no prompt from any route", async (role) => {
  const hidden = await secrets();
  const session = await signIn(api, ledger, role, { orgId: ours.id });
  const served = (await servedRoutes(api)).filter(
    ([, { method, access }]) => method === "GET" && access.who !== "operator",
  );
  const shown: string[] = [];
  const answered: string[] = [];
  for (const [id, route] of served) {
    const { status, text } = await askTable(api, session, requestOf(id, route, ours.ids));
    if (status === 200) answered.push(id);
    // The description of the API names the fields.
    if (id === "describeApi") continue;
    for (const secret of hidden) if (text.includes(secret)) shown.push(`${id} shows ${secret}`);
    for (const field of FIELDS) {
      if (new RegExp(`"${field}"|\\b${field},|,${field}\\b`).test(text)) shown.push(`${id} has ${field}`);
    }
  }
  expect(shown).toEqual([]);
  expect(answered).toEqual(expect.arrayContaining(["listCalls", "exportCalls", "getCall", "getStats"]));
});

test("a call shows its recordings only with the scope for them", async () => {
  const call = async (headers: object) => (await askApi(api, headers, "GET", `/calls/${ours.ids.call}`)).json;
  expect(await call(await ours.keyWith(["calls:read", "recordings:read"]))).toHaveProperty("recordings");
  expect(await call(await ours.keyWith(["calls:read"]))).not.toHaveProperty("recordings");
  expect(await call(await signIn(api, ledger, "viewer", { orgId: ours.id }))).not.toHaveProperty(
    "recordings",
  );
});

test.each(["staff", "viewer"] as const)("%s cannot sort by cost", async (role) => {
  const session = await signIn(api, ledger, role, { orgId: ours.id });
  const list = { method: "GET", path: "/calls" };
  const refused = await askTable(api, session, withQuery(list, "sort", "cost"));
  expect([refused.status, refused.code]).toEqual([403, "missing_scope"]);
});
