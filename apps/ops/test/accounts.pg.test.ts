import { randomBytes, randomUUID } from "node:crypto";
import { secretBox } from "@call-ledger/credentials";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const box = secretBox(ENCRYPTION_KEY);

let db: TestDatabase;
let owner: postgres.Sql;
let org: string;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  const [row] = await owner`insert into organizations (name) values ('Northgate') returning id`;
  org = row?.id;
});

afterAll(async () => {
  await owner.end();
  await db.drop();
});

type Given = { readonly env?: Record<string, string>; readonly input?: string };

const ops = (args: string[], { env = {}, input = "" }: Given = {}) =>
  callOps(args, { DATABASE_URL: db.ownerUrl, ENCRYPTION_KEY, ...env }, input);
const opsJson = async (args: string[], given?: Given) => documentOf(await ops([...args, "--json"], given));

/** Returns the decrypted secrets of an account in the database. */
async function openedSecrets(accountId: string): Promise<{ secrets: string[]; apiKey: string | null }> {
  const [row] = await owner`select api_key, array_to_string(webhook_secrets, ',') as secrets
    from provider_accounts where id = ${accountId}`;
  const sealed = String(row?.secrets).split(",");
  return {
    secrets: sealed.map((text) =>
      box.open(Buffer.from(text.slice(2), "hex"), { accountId, use: "webhook secret" }),
    ),
    apiKey: row?.api_key === null ? null : box.open(row?.api_key, { accountId, use: "api key" }),
  };
}

test("an account gets a random secret, which the database stores only encrypted", async () => {
  const made = await opsJson(["account", "add", "--org", org, "--name", "Own"]);
  expect(made).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    secret: expect.stringMatching(/^[0-9a-f]{64}$/),
    webhook_path: `/api/webhooks/vapi/${made.id}`,
  });
  expect(await openedSecrets(made.id)).toEqual({ secrets: [made.secret], apiKey: null });
  const [row] = await owner`select a::text as text from provider_accounts a where id = ${made.id}`;
  expect(row?.text).not.toContain(Buffer.from(made.secret).toString("hex"));

  const listed = await opsJson(["account", "list"]);
  expect(listed).toEqual([
    expect.objectContaining({
      id: PLATFORM_ACCOUNT,
      org_id: null,
      webhook_path: "/api/webhooks/vapi",
      secrets: null,
      has_api_key: null,
    }),
    {
      id: made.id,
      org_id: org,
      provider: "vapi",
      name: "Own",
      webhook_path: made.webhook_path,
      secrets: 1,
      has_api_key: false,
      recording_hosts: [],
      created_at: expect.any(String),
      last_verified_at: null,
      last_refused_at: null,
      last_refusal: null,
      compared_until: null,
      waiting_since: null,
    },
  ]);
  expect((await ops(["account", "list", "--org", org])).stdout).toContain(made.webhook_path);
});

test("secrets come from the command line, the environment or standard input, and only a random one is shown", async () => {
  const given = { env: { OWN_KEY: "api-key-1" }, input: "secret-from-input\n" };
  const args = ["account", "add", "--org", org, "--secret", "-", "--api-key", "env:OWN_KEY"];
  const { id, secret } = await opsJson(args, given);
  expect(secret).toBe("secret-from-input");
  expect(await openedSecrets(id)).toEqual({ secrets: ["secret-from-input"], apiKey: "api-key-1" });

  // A process of its own has a real standard input.
  const both = ["account", "add", "--org", org, "--secret", "-", "--api-key", "-"];
  const env = { DATABASE_URL: db.ownerUrl, ENCRYPTION_KEY };
  const second = documentOf(await runOps([...both, "--json"], env, "first-of-two-lines\r\nsecond\r\n"));
  expect(await openedSecrets(second.id)).toEqual({ secrets: ["first-of-two-lines"], apiKey: "second" });

  const human = await ops(["account", "add", "--org", org, "--secret", "on-the-command-line"]);
  expect(human.code).toBe(0);
  expect(human.stdout).not.toContain("on-the-command-line");
  expect((await ops(["account", "add", "--org", org])).stdout).toMatch(/not shown again: [0-9a-f]{64}\n/);
});

test("a webhook secret that can be guessed is refused", async () => {
  const { id } = await opsJson(["account", "add", "--org", org]);
  for (const args of [
    ["add", "--org", org],
    ["rotate", id],
  ]) {
    const { code, stderr } = await ops(["account", ...args, "--secret", "fifteen-letters"]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("--secret has 15 characters and needs 16 or more"),
    ]);
  }
});

test("during a rotation two secrets are valid and a third is refused; later only the new one is", async () => {
  const { id, secret } = await opsJson(["account", "add", "--org", org]);
  const rotated = await opsJson(["account", "rotate", id]);
  expect(rotated).toEqual({ id, secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect((await openedSecrets(id)).secrets).toEqual([rotated.secret, secret]);

  const third = await ops(["account", "rotate", id]);
  expect([third.code, third.stdout]).toEqual([1, ""]);
  expect(third.stderr).toContain(`account rotate ${id} --finish first`);

  expect((await ops(["account", "rotate", id, "--finish"])).code).toBe(0);
  expect((await openedSecrets(id)).secrets).toEqual([rotated.secret]);
  const again = await ops(["account", "rotate", id, "--finish"]);
  expect([again.code, again.stderr]).toEqual([
    1,
    `Account ${id} has one secret: there is no rotation to finish.\n`,
  ]);
});

test("--api-key alone replaces the API key immediately, and the webhook secret stays", async () => {
  const { id, secret } = await opsJson(["account", "add", "--org", org, "--api-key", "old"]);
  expect(await opsJson(["account", "rotate", id, "--api-key", "-"], { input: "new" })).toEqual({ id });
  expect(await openedSecrets(id)).toEqual({ secrets: [secret], apiKey: "new" });
});

test("the platform's account and a missing account cannot be rotated", async () => {
  for (const id of [PLATFORM_ACCOUNT, randomUUID()]) {
    for (const more of [[], ["--finish"], ["--api-key", "k"]]) {
      const { code, stderr } = await ops(["account", "rotate", id, ...more]);
      expect([code, stderr]).toEqual([
        1,
        "No organization has such an account; account list shows the accounts.\n",
      ]);
    }
  }
});

test("without ENCRYPTION_KEY nothing is stored, and the error says how to generate it", async () => {
  const { code, stdout, stderr } = await ops(["account", "add", "--org", org], {
    env: { ENCRYPTION_KEY: "" },
  });
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toContain("openssl rand -base64 32");
  const wrong = await ops(["account", "add", "--org", org], { env: { ENCRYPTION_KEY: "short" } });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("ENCRYPTION_KEY must be 32 bytes")]);
});

test("the verification settings are stored with the account", async () => {
  const plan = '{"algorithm":"sha512","signature_header":"x-mine"}';
  const { id } = await opsJson(["account", "add", "--org", org, "--auth", "hmac", "--hmac-plan", plan]);
  const [row] = await owner`select verification from provider_accounts where id = ${id}`;
  expect(row?.verification).toEqual({ auth: "hmac", hmac: JSON.parse(plan) });
});

test("the audit has who added and changed an account, without its secrets", async () => {
  const { id } = await opsJson(["account", "add", "--org", org, "--name", "own"]);
  await ops(["account", "set", id, "--recording-host", "a.bucket.test"]);
  await ops(["account", "rotate", id, "--api-key", "a-key-of-the-provider"]);
  const { secret } = await opsJson(["account", "rotate", id]);
  await ops(["account", "rotate", id, "--finish"]);
  const entries = await owner`select action, actor_kind, org_id, after::text as after from audit_entries
    where object_id = ${id} order by at, id`;
  expect(entries.map(({ action, actor_kind: by, org_id: of }) => [action, by, of])).toEqual(
    [
      "account.created",
      "account.changed",
      "account.changed",
      "account.secret_rotated",
      "account.changed",
    ].map((action) => [action, "operator", org]),
  );
  for (const hidden of [secret, "a-key-of-the-provider"])
    expect(JSON.stringify(entries)).not.toContain(hidden);
});

test("an agent can be registered only under an account of its own organization", async () => {
  const { id: account } = await opsJson(["account", "add", "--org", org]);
  const [other] = await owner`insert into organizations (name) values ('next door') returning id`;
  const add = (orgId: string, accountId: string) =>
    ops(["agent", "add", "--org", orgId, "--assistant", "asst-1", "--account", accountId, "--json"]);
  expect(documentOf(await add(org, account))).toMatchObject({ org_id: org, provider_account_id: account });
  const refused = await add(other?.id, account);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    "The account of --account belongs to another organization; account list shows which.\n",
  ]);
  const missing = await add(org, randomUUID());
  expect([missing.code, missing.stderr]).toEqual([
    1,
    "There is no such account; account list shows the accounts.\n",
  ]);
});

test("a missing organization gets no account", async () => {
  const { code, stderr } = await ops(["account", "add", "--org", randomUUID()]);
  expect([code, stderr]).toEqual([1, "There is no such organization; org list shows the organizations.\n"]);
});

test("an account's hosts of recordings are added, dropped and shown, also of the platform's account", async () => {
  const added = await opsJson([
    "account",
    "add",
    "--org",
    org,
    "--recording-host",
    "A.bucket.test, *.b.bucket.test",
  ]);
  const hostsOf = async (id: string) => {
    const accounts: { id: string; recording_hosts: string[] }[] = await opsJson(["account", "list"]);
    return accounts.find((account) => account.id === id)?.recording_hosts;
  };
  expect(await hostsOf(added.id)).toEqual(["a.bucket.test", "*.b.bucket.test"]);
  const set = (id: string, ...args: string[]) => ops(["account", "set", id, ...args, "--json"]);
  expect(documentOf(await set(added.id, "--recording-host", "c.test,a.bucket.test"))).toEqual({
    id: added.id,
    recording_hosts: ["*.b.bucket.test", "a.bucket.test", "c.test"],
    recordings_due: 0,
  });
  await set(added.id, "--drop-recording-host", "*.b.bucket.test");
  expect(await hostsOf(added.id)).toEqual(["a.bucket.test", "c.test"]);
  expect(documentOf(await set(PLATFORM_ACCOUNT, "--recording-host", "d.test"))).toMatchObject({
    recording_hosts: ["d.test"],
  });
  for (const host of ["https://a.test", "*", "*.test", "a.test:8443", "a b"]) {
    expect((await set(added.id, "--recording-host", host)).code, host).toBe(2);
  }
  expect((await set(added.id)).code).toBe(2);
  expect((await set(randomUUID(), "--recording-host", "a.test")).code).toBe(1);
  const many = Array.from({ length: 20 }, (_, place) => `h${place}.test`).join(",");
  const refused = await set(added.id, "--recording-host", many);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("20 hosts")]);
});
