import { beforeAll, expect, test } from "vitest";
import { makeAccount, makeKey, makeOrganization } from "../harness/access.ts";
import { ASSISTANT } from "../harness/deliveries.ts";
import type { ApiRequest } from "../harness/people.ts";
import { askApi, signIn } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

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

test("ids of UUIDs are registered in lower case, as deliveries have them", async () => {
  const operator = (path: string) => `${path}?organization=${ledger.orgId}`;
  const { bearer } = await makeKey(ledger, { orgId: null });
  const upper = "A51C0DE0-3333-4B20-8D66-1B2C3D4E5F02";
  const ids = { provider_agent_id: upper, provider_phone_number_id: upper };
  const added = await ask(bearer, "POST", operator("/agents"), ids);
  const lower = upper.toLowerCase();
  expect(added.json).toMatchObject({ provider_agent_id: lower, provider_phone_number_id: lower });
  const { id } = added.json as { id: string };
  const changed = await ask(bearer, "PATCH", operator(`/agents/${id}`), { provider_phone_number_id: upper });
  expect(changed.json).toMatchObject({ provider_phone_number_id: lower });
  expect((await ask(bearer, "DELETE", operator(`/agents/${id}`))).status).toBe(204);
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

test("an organization sees which of its deliveries wait, and none of another organization", async () => {
  const admin = await signIn(api, ledger, "admin");
  const own = await makeAccount(ledger, "a-secret-of-16-or-more");
  const neighbours = await makeAccount(ledger, "a-secret-of-16-or-more", {
    orgId: await makeOrganization(ledger),
  });
  const [agent] = await ledger.sql`select provider_account_id as platform, provider_agent_id as assistant
    from agents where org_id = ${ledger.orgId} and provider_agent_id = ${ASSISTANT}`;
  const wait = async (account: string, reason: string, named: string | null, age = "0") => {
    await ledger.sql`insert into quarantined_deliveries
      (provider, provider_account_id, reason, event_type, provider_agent_id, content_key, received_at)
      values ('vapi', ${account}, ${reason}, 'status-update', ${named}, gen_random_uuid()::text,
        now() - ${age}::interval)`;
  };
  await wait(own, "unknown_agent", "new-assistant");
  await wait(own, "unknown_agent", "new-assistant");
  await wait(own, "unparseable", null);
  await wait(agent?.platform, "refused", ASSISTANT);
  await wait(agent?.platform, "refused", ASSISTANT, "1 day");
  await wait(agent?.platform, "organization_conflict", ASSISTANT);
  await wait(agent?.platform, "unknown_agent", "somebody-elses");
  await wait(neighbours, "unknown_agent", "new-assistant");
  const { json } = await ask(admin, "GET", "/waiting-deliveries");
  expect(json).toMatchObject({
    data: [
      { account_id: own, reason: "unknown_agent", provider_agent_id: "new-assistant", deliveries: 2 },
      expect.objectContaining({ deliveries: 1 }),
      expect.objectContaining({ deliveries: 1 }),
    ],
  });
  expect(json).toMatchObject({
    data: expect.arrayContaining([
      expect.objectContaining({ account_id: own, reason: "unparseable" }),
      expect.objectContaining({ account_id: agent?.platform, reason: "refused" }),
    ]),
  });
  expect((await ask(admin, "GET", "/attention")).json).toMatchObject({ waiting_deliveries: 4 });

  // Each number of a group has its deliveries behind it, also to one who sees only lists.
  const viewer = await signIn(api, ledger, "viewer");
  const list = async (query: string) =>
    (await ask(viewer, "GET", `/waiting-deliveries/list?${query}`)).json as {
      data: { id: string; reason: string }[];
      next_cursor: string | null;
    };
  const first = await list(`account=${own}&reason=unknown_agent&provider_agent_id=new-assistant&limit=1`);
  const second = await list(
    `account=${own}&reason=unknown_agent&provider_agent_id=new-assistant&limit=1&cursor=${first.next_cursor}`,
  );
  expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(2);
  expect(second.next_cursor).toBeNull();
  expect((await list("provider_agent_id=none&our_number=none")).data).toMatchObject([
    { reason: "unparseable", event_type: "status-update", provider_call_id: null },
  ]);
  expect((await list("")).data).toHaveLength(4);
  expect((await list(`account=${neighbours}`)).data).toEqual([]);

  // The policy says the same without the conditions of the query.
  const seen = await ledger.sql.begin(async (sql) => {
    await sql`set local role call_ledger_reader`;
    await sql`select set_config('call_ledger.org_id', ${ledger.orgId}, true)`;
    await expect(sql.savepoint((s) => s`select payload from quarantined_deliveries`)).rejects.toThrow(
      "permission denied",
    );
    return sql`select count(*)::int from quarantined_deliveries where replayed_at is null`;
  });
  expect(seen[0]?.count).toBe(4);
});
