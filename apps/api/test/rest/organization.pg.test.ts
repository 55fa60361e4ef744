import { afterAll, beforeAll, expect, test } from "vitest";
import { makeAccount, makeKey, makeOrganization } from "../harness/access.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { ApiRequest } from "../harness/people.ts";
import { askApi, signIn } from "../harness/people.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;
let api: RunningApi;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  api = await startApi(ledger.database.appUrl);
  await untilReady(api);
});

afterAll(async () => {
  await api.stop();
  await ledger.drop();
});

const ask = (...request: ApiRequest) => askApi(api, ...request);

test("the name and time zone are changed, and an invalid time zone is refused", async () => {
  const admin = await signIn(api, ledger, "admin");
  const changed = await ask(admin, "PATCH", "/organization", { time_zone: "Europe/Vienna" });
  expect(changed.json).toMatchObject({ name: "Northgate Plumbing", time_zone: "Europe/Vienna" });
  expect(changed.json).toMatchObject({ retention: { payload_days: 30, event_days: 400 } });
  expect((await ask(admin, "PATCH", "/organization", {})).json).toMatchObject({
    time_zone: "Europe/Vienna",
  });
  for (const time_zone of ["Mars/Olympus", "XYZ+3", "CET"]) {
    expect((await ask(admin, "PATCH", "/organization", { time_zone })).json).toMatchObject({
      status: 400,
      errors: [{ field: "body.time_zone" }],
    });
  }
  await ask(admin, "PATCH", "/organization", { time_zone: "UTC" });
});

test("an organization changes agents at its own accounts; only the operator changes those at the platform's", async () => {
  const admin = await signIn(api, ledger, "admin");
  const operator = (path: string) => `${path}?organization=${ledger.orgId}`;
  const { bearer } = await makeKey(ledger, { orgId: null });
  const account = await makeAccount(ledger, "a-secret-of-16-or-more");
  const neighbours = await makeAccount(ledger, "a-secret-of-16-or-more", {
    orgId: await makeOrganization(ledger),
  });

  const squat = { provider_agent_id: "somebody-elses" };
  expect((await ask(admin, "POST", "/agents", squat)).json).toMatchObject({ status: 403 });
  for (const account_id of [neighbours, ledger.orgId]) {
    expect((await ask(admin, "POST", "/agents", { ...squat, account_id })).json).toMatchObject({
      status: 400,
      errors: [{ field: "body.account_id" }],
    });
  }
  for (const provider of ["nobody", "constructor", "__proto__"]) {
    expect((await ask(bearer, "POST", operator("/agents"), { ...squat, provider })).json).toMatchObject({
      status: 400,
      errors: [{ field: "body.provider" }],
    });
  }
  const accounts = [
    expect.objectContaining({ id: account }),
    expect.objectContaining({ is_platforms: true }),
  ];
  expect((await ask(admin, "GET", "/agents/accounts")).json).toEqual({ data: accounts });
  expect((await ask(bearer, "GET", operator("/agents/accounts"))).json).toEqual({ data: accounts });
  const added = await ask(admin, "POST", "/agents", {
    provider_agent_id: "own-1",
    account_id: account,
    name: "Desk",
  });
  expect(added).toMatchObject({
    status: 201,
    json: { name: "Desk", account_id: account, provider: "vapi" },
  });
  const { id } = added.json as { id: string };
  const twice = await ask(admin, "POST", "/agents", { provider_agent_id: "own-1", account_id: account });
  expect(twice.json).toMatchObject({ status: 409, errors: [{ field: "body.provider_agent_id" }] });
  expect((await ask(admin, "PATCH", `/agents/${id}`, { phone_number: "+14155550123" })).json).toMatchObject({
    name: "Desk",
    phone_number: "+14155550123",
  });
  expect((await ask(admin, "DELETE", `/agents/${id}`)).status).toBe(204);
  expect((await ask(admin, "PATCH", `/agents/${id}`, { name: "x" })).status).toBe(404);

  const listed = (await ask(admin, "GET", "/agents")).json.data as {
    id: string;
    removed_at: string | null;
  }[];
  const platforms = listed.find(({ removed_at }) => removed_at === null);
  expect((await ask(admin, "PATCH", `/agents/${platforms?.id}`, { name: "x" })).json).toMatchObject({
    status: 403,
  });
  const mine = await ask(bearer, "PATCH", operator(`/agents/${platforms?.id}`), { name: "Front desk" });
  expect(mine.json).toMatchObject({ name: "Front desk" });
  const another = await ask(bearer, "POST", operator("/agents"), { provider_agent_id: "platform-2" });
  expect(another.status).toBe(201);
});
