import { randomBytes, randomUUID } from "node:crypto";
import { migrate } from "@call-ledger/db/migrate";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase, PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const ops = (...args: string[]) => callOps(args, { DATABASE_URL: db.ownerUrl });
const opsJson = async (...args: string[]) => documentOf(await ops(...args, "--json"));

test("organizations are added and listed", async () => {
  const made = await opsJson("org", "create", "--name", "Northgate Dental");
  expect(made).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: "Northgate Dental",
    created_at: made.created_at,
  });
  const human = await runOps(["org", "create", "--name", "Southgate"], { DATABASE_URL: db.ownerUrl });
  expect(human.stdout).toMatch(/^Organization [0-9a-f-]{36}\nNext: npm run -s ops -- agent add --org /);
  const list = await opsJson("org", "list");
  expect(list.map(({ name }: { name: string }) => name)).toEqual(["Northgate Dental", "Southgate"]);
  expect(list[0]).toEqual(made);
  expect((await ops("org", "list")).stdout).toMatch(
    new RegExp(`^ID +NAME +CREATED\n${made.id}  Northgate Dental  `),
  );
});

test("agents are added and listed", async () => {
  const org = await opsJson("org", "create", "--name", "With agents");
  const other = await opsJson("org", "create", "--name", "Without agents");
  const numbers = ["--phone", "+12025550100", "--phone-number-id", "number-1"];
  const full = await opsJson(
    "agent",
    "add",
    "--org",
    org.id,
    "--assistant",
    "asst-1",
    ...numbers,
    "--name",
    "Desk",
  );
  expect(full).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    org_id: org.id,
    provider: "vapi",
    provider_account_id: PLATFORM_ACCOUNT,
    provider_agent_id: "asst-1",
    phone_number: "+12025550100",
    provider_phone_number_id: "number-1",
    name: "Desk",
    created_at: full.created_at,
  });
  const bare = await opsJson("agent", "add", "--org", org.id.toUpperCase(), "--assistant", "asst-2");
  expect(bare).toMatchObject({
    org_id: org.id,
    phone_number: null,
    provider_phone_number_id: null,
    name: null,
  });
  expect(await opsJson("agent", "list", "--org", org.id)).toEqual([full, bare]);
  expect(await opsJson("agent", "list", "--org", other.id)).toEqual([]);
  expect((await ops("agent", "list")).stdout).toContain("asst-2");
});

test("the audit has who made an organization, and who added, moved and removed its agents", async () => {
  const [from, to] = [
    await opsJson("org", "create", "--name", "From"),
    await opsJson("org", "create", "--name", "To"),
  ];
  const added = await opsJson("agent", "add", "--org", from.id, "--assistant", "asst-audited");
  const moved = await opsJson("agent", "move", added.id, "--org", to.id);
  await ops("agent", "remove", moved.id);
  const owner = postgres(db.ownerUrl, { max: 1 });
  const entries = await owner`select org_id, action, object_id,
      coalesce(after, before) ->> 'provider_agent_id' as assistant from audit_entries
    where actor_kind = 'operator' and org_id in ${owner([from.id, to.id])} order by at, id`;
  await owner.end();
  const of = ({ id }: { id: string }) =>
    entries.filter(({ org_id }) => org_id === id).map(({ action, object_id }) => [action, object_id]);
  expect(of(from)).toEqual([
    ["organization.created", from.id],
    ["agent.added", added.id],
    ["agent.removed", added.id],
  ]);
  expect(of(to)).toEqual([
    ["organization.created", to.id],
    ["agent.added", moved.id],
    ["agent.removed", moved.id],
  ]);
  // The console names an agent without a name by its assistant.
  const agents = entries.filter(({ action }) => action.startsWith("agent."));
  expect(agents.map(({ assistant }) => assistant)).toEqual(agents.map(() => "asst-audited"));
});

test("a violated constraint is explained, without the phone number", async () => {
  const org = await opsJson("org", "create", "--name", "First");
  const taken = ["--phone", "+12025550177", "--phone-number-id", "number-77"];
  expect((await ops("agent", "add", "--org", org.id, "--assistant", "asst-77", ...taken)).code).toBe(0);

  const add = (...args: string[]) => ops("agent", "add", ...args);
  const cases = [
    { run: add("--org", randomUUID(), "--assistant", "asst-78"), says: "There is no such organization" },
    {
      run: add("--org", org.id, "--assistant", "asst-77"),
      says: "This assistant already belongs to an organization",
    },
    {
      run: add("--org", org.id, "--assistant", "asst-78", "--phone", "+12025550177"),
      says: "--phone belongs to another agent",
    },
    {
      run: add("--org", org.id, "--assistant", "asst-78", "--phone-number-id", "number-77"),
      says: "--phone-number-id belongs to another agent",
    },
  ];
  for (const { run, says } of cases) {
    const { code, stdout, stderr } = await run;
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("5550177");
  }
});

test("db login creates the application's login, which may not do the operator's work", async () => {
  const name = `call_ledger_test_${new URL(db.ownerUrl).pathname.slice(-12)}`;
  const { url } = await opsJson("db", "login", "--name", name);
  expect(new URL(url).pathname).toBe(new URL(db.ownerUrl).pathname);
  const sql = postgres(url, { max: 1 });
  const [row] =
    await sql`select current_user as me, rolsuper or rolbypassrls as mighty from pg_roles where rolname = current_user`;
  await sql.end();
  expect(row).toEqual({ me: name, mighty: false });
  const wrong = await ops("db", "login", "--name", "Ledger's");
  expect(wrong.code).toBe(2);
  const strange = await ops("db", "login", "--name", "call_ledger_reader");
  expect([strange.code, strange.stderr]).toEqual([1, expect.stringContaining("Choose another name")]);

  const { code, stderr } = await callOps(["org", "list"], { DATABASE_URL: url });
  expect([code, stderr]).toEqual([
    1,
    "This login does not have the right to do that. Set DIRECT_DATABASE_URL to the URL of the database's owner.\n",
  ]);
  const direct = { DATABASE_URL: url, DIRECT_DATABASE_URL: db.ownerUrl };
  expect((await callOps(["org", "list"], direct)).code).toBe(0);
});

test("an owner who was only granted the two roles that a migration asks for may do it all", async () => {
  const shared = await emptyDatabase();
  const root = postgres(shared.superuserUrl, { max: 1, onnotice: () => undefined });
  const stranger = `stranger_${shared.ownerUrl.slice(-12)}`;
  const url = new URL(shared.ownerUrl);
  url.username = stranger;
  await root.unsafe(`create role ${stranger} login createrole password 'test';
    alter database ${url.pathname.slice(1)} owner to ${stranger};
    grant call_ledger_definer, call_ledger_operator to ${stranger};
    grant all on schema public to ${stranger} with grant option`);
  try {
    await migrate(url.href, { shareRoles: true });
    const env = { DATABASE_URL: url.href, ENCRYPTION_KEY: randomBytes(32).toString("base64") };
    const did = async (...args: string[]) => documentOf(await callOps([...args, "--json"], env));
    const { id: org } = await did("org", "create", "--name", "Shared");
    await did("agent", "add", "--org", org, "--assistant", "asst-shared");
    const { id: key } = await did("key", "create", "--org", org);
    expect(await did("key", "revoke", key)).toEqual([{ id: key }]);
    const { id: member } = await did("member", "invite", "--org", org, "--email", "a@b.test");
    expect((await did("member", "remove", member)).email).toBe("a@b.test");
    const { id: account } = await did("account", "add", "--org", org);
    expect(await did("account", "rotate", account)).toMatchObject({ id: account });
    expect(await did("account", "set", account, "--recording-host", "a.test")).toMatchObject({ id: account });
    const slack = ["--kind", "slack", "--url", "https://hooks.slack.test/a"];
    const { id: channel } = await did("alerts", "add", ...slack);
    expect(await did("alerts", "remove", channel)).toEqual({ id: channel });
    expect(await did("quarantine", "list")).toEqual([]);
  } finally {
    await shared.drop();
    await root.end();
    const rest = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
    await rest.unsafe(`drop owned by ${stranger}; drop role ${stranger}`);
    await rest.end();
  }
});

test("agents are moved and removed, and their assistants and numbers become free", async () => {
  const [from, to] = [
    await opsJson("org", "create", "--name", "From"),
    await opsJson("org", "create", "--name", "To"),
  ];
  const phone = ["--phone", "+12025550191"];
  const added = await opsJson("agent", "add", "--org", from.id, "--assistant", "asst-moving", ...phone);
  const moved = await opsJson("agent", "move", added.id, "--org", to.id);
  expect(moved).toMatchObject({
    org_id: to.id,
    provider_agent_id: "asst-moving",
    phone_number: "+12025550191",
  });
  expect(moved.id).not.toBe(added.id);
  expect(await opsJson("agent", "list", "--org", from.id)).toEqual([]);

  expect((await ops("agent", "move", moved.id, "--org", added.id)).code).toBe(1);
  expect(await opsJson("agent", "list", "--org", to.id)).toEqual([moved]);

  expect((await ops("agent", "remove", moved.id)).stdout).toContain("removed");
  expect(await opsJson("agent", "list", "--org", to.id)).toEqual([]);
  const again = await ops("agent", "remove", moved.id);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("There is no agent")]);
  expect((await ops("agent", "add", "--org", from.id, "--assistant", "asst-moving", ...phone)).code).toBe(0);
});
