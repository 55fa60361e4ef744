import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { deliver, message } from "../harness/deliveries.ts";
import { askApi } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

async function askWith(scopes: readonly Scope[], ...request: [method: string, path: string, body?: unknown]) {
  const { bearer } = await makeKey(ledger, { scopes });
  const { status, json, headers } = await askApi(api, bearer, ...request);
  const missing = /scope="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ?? null;
  return { status, json, missing };
}

test("a key can share only what it may read", async () => {
  await deliver(api.url, message("status-update", "call-1", { status: "ringing" }));
  const share = (scopes: readonly Scope[]) => askWith(scopes, "POST", "/calls/call-1/share-links", {});
  expect(await share(["calls:write"])).toMatchObject({ status: 403, missing: "calls:read" });
  expect(await share(["calls:write", "calls:read"])).toMatchObject({ status: 403, missing: "calls:details" });
  const mute = ["calls:write", "calls:read", "calls:details"] as const;
  expect(await share(mute)).toMatchObject({ status: 403, missing: "recordings:read" });
  expect(await share([...mute, "recordings:read"])).toMatchObject({ status: 201 });
});

test("a key can neither change nor remove a member with more rights", async () => {
  const invited = async (role: string) => {
    const body = { email: `${role}@one.test`, role };
    const { json } = await askWith(SCOPES, "POST", "/members", body);
    return `/members/${Object(json.member).id}`;
  };
  await askWith(SCOPES, "POST", "/members", { email: "first@one.test", role: "admin" });
  const [admin, viewer] = [await invited("admin"), await invited("viewer")];
  const few: readonly Scope[] = ["members:write", "calls:read", "agents:read"];
  const refused = { status: 403, missing: "calls:details" };
  expect(await askWith(few, "PATCH", admin, { role: "viewer" })).toMatchObject(refused);
  expect(await askWith(few, "PATCH", admin, { name: "Other" })).toMatchObject(refused);
  expect(await askWith(few, "DELETE", admin)).toMatchObject(refused);
  expect(await askWith(few, "PATCH", viewer, { name: "Other" })).toMatchObject({ status: 200 });
  expect(await askWith(few, "DELETE", viewer)).toMatchObject({ status: 204 });
});
