import { SCOPES } from "@call-ledger/domain";
import { beforeAll, expect, test } from "vitest";
import { makeKey, makeOrganization } from "../harness/access.ts";
import { deliver, message } from "../harness/deliveries.ts";
import { askApi } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

const MAX_REQUESTS = 20;

const { ledger, api } = useApi({ API_REQUESTS_PER_MINUTE: String(MAX_REQUESTS) });

beforeAll(() => ledger.addAgent());

test("an organization has one limit of changes for all its keys, and others do not notice", async () => {
  const change = async (orgId: string) => {
    const { bearer } = await makeKey(ledger, { orgId, scopes: SCOPES });
    return askApi(api, bearer, "PATCH", "/organization", { name: "Name" });
  };
  const orgId = await makeOrganization(ledger);
  for (let count = 0; count < MAX_REQUESTS; count += 1) expect((await change(orgId)).status).toBe(200);
  const refused = await change(orgId);
  expect([refused.status, refused.json.code]).toEqual([429, "too_many_requests"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await change(await makeOrganization(ledger))).status).toBe(200);
});

test("the audit keeps the beginning of a long text", async () => {
  const { bearer } = await makeKey(ledger, { scopes: SCOPES });
  await deliver(api.url, message("status-update", "call-1", { status: "ringing" }));
  const note = `${"x".repeat(499)}📞${"y".repeat(9_000)}`;
  expect((await askApi(api, bearer, "PATCH", "/calls/call-1", { note })).json.note).toBe(note);
  const { json } = await askApi(api, bearer, "GET", "/audit");
  const entries = json.data as { action: string; after: { note: string } | null }[];
  const [entry] = entries.filter(({ action }) => action === "call.changed");
  expect(entry?.after?.note).toBe(`${"x".repeat(499)}\ufffd…`);
});
