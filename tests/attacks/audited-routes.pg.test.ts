import { ENCRYPTION_KEY, makeKey } from "@call-ledger/api/testing/access";
import { ASSISTANT, deliver, message } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { askApi } from "@call-ledger/api/testing/people";
import type { RunningApi } from "@call-ledger/api/testing/running-api";
import { startApi, untilReady } from "@call-ledger/api/testing/running-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedOrganization, Bearer } from "./attacked-organization.ts";
import { attackedOrganization } from "./attacked-organization.ts";
import type { TABLE } from "./table-requests.ts";
import { askTable, requestOf, servedRoutes } from "./table-requests.ts";

/** Routes that change only what belongs to the person who signs in. */
const UNAUDITED = ["signIn", "signOut", "revokeSession"];

let ledger: TestLedger;
let api: RunningApi;
let ours: AttackedOrganization;
let operator: Bearer;

beforeAll(async () => {
  ledger = await testLedger();
  api = await startApi(ledger.database.appUrl, { API_REQUESTS_PER_MINUTE: "1000000", ENCRYPTION_KEY });
  await untilReady(api);
  ours = await attackedOrganization(api, ledger, 4);
  operator = (await makeKey(ledger, { orgId: null })).bearer;
});

afterAll(async () => {
  await api.stop();
  await ledger.drop();
});

async function entries(): Promise<number> {
  const [row] = await ledger.sql`select count(*)::int as n from audit_entries`;
  return Number(row?.n);
}

/** Returns the id of a delivery that waits in quarantine, because nobody has its agent. */
async function quarantined(): Promise<string> {
  const body = message("status-update", crypto.randomUUID(), { status: "in-progress" });
  await deliver(api.url, Buffer.from(body.toString().replaceAll(ASSISTANT, crypto.randomUUID())));
  const { json } = await askApi(api, operator, "GET", "/quarantine?reason=unknown_agent");
  return String(Object(json.data)[0]?.id);
}

/** Brings objects into a state in which each route has something to do. Returns the ids of the operator's. */
async function prepare() {
  await ledger.sql`update recording_upload_queue set status = 'failed', finished_at = now() where org_id = ${ours.id}`;
  const [alarm] = await ledger.sql`insert into alarms
    (org_id, condition, scope, figures, opened_at, last_seen_at, notified_at)
    values (null, 'worker_silent', 'installation', '{}', now(), now(), now()) returning id`;
  const channel = await askApi(api, operator, "POST", "/installation/alert-channels", {
    name: "operator",
    settings: { kind: "slack", url: "https://hooks.invalid/operator" },
  });
  return { alarm: String(alarm?.id), channel: String(channel.json.id) };
}

/** Bodies of routes whose example names an object that does not exist here. */
function bodyFor(id: string): object | undefined {
  if (id === "addAgent") return { provider_agent_id: "own", account_id: ours.accountId };
  if (id === "createAccount") return { provider: "vapi", name: "own", organization_id: ours.id };
  if (id === "registerQuarantinedAgent") return { organization_id: ours.id, name: "Reception" };
  return undefined;
}

test("each route that changes something adds an entry to the audit", async () => {
  const installation = await prepare();
  const isEnd = ([, { method }]: (typeof TABLE)[number]) => method === "DELETE";
  const changing = (await servedRoutes(api)).filter(
    ([id, { method }]) => method !== "GET" && !UNAUDITED.includes(id),
  );
  const faults: string[] = [];
  for (const [id, route] of changing.toSorted((one, other) => Number(isEnd(one)) - Number(isEnd(other)))) {
    const values = {
      ...ours.ids,
      account: ours.accountId,
      ...(route.path.startsWith("/installation") ? installation : {}),
      ...(route.path.includes("{delivery}") ? { delivery: await quarantined() } : {}),
    };
    const credential = route.access.who === "operator" ? operator : ours.key;
    const before = await entries();
    const { status, text } = await askTable(api, credential, requestOf(id, route, values, bodyFor(id)));
    if (status !== route.status) faults.push(`${id} answered ${status}: ${text}`);
    else if ((await entries()) !== before + 1)
      faults.push(`${id} added ${(await entries()) - before} entries`);
  }
  expect(faults).toEqual([]);
});
