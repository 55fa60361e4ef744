import { randomBytes, randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openAdministration, wakeWaitingRecordings } from "../src/access/index.ts";
import { createAppLogin, LOGIN_USES } from "../src/migrate/index.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { testDatabase } from "../src/testing/index.ts";

const name = `call_ledger_test_login_${randomBytes(4).toString("hex")}`;
const API_ROLES = [
  "call_ledger_api_operator",
  "call_ledger_manager",
  "call_ledger_reader",
  "call_ledger_writer",
];
let db: TestDatabase;
let root: postgres.Sql;

beforeAll(async () => {
  db = await testDatabase();
  root = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
  await createAppLogin(db.ownerUrl, { name, password: "first" });
});

afterAll(async () => {
  await root.unsafe(`drop owned by ${name}; drop role ${name}`);
  await root.end();
  await db.drop();
});

/** Returns the names of the ledger's functions that a role may execute. */
async function executable(role: string): Promise<string[]> {
  const rows = await root`select proname as name from pg_proc
    where pronamespace in ('public'::regnamespace, 'call_ledger'::regnamespace)
      and has_function_privilege(${role}, oid, 'execute') order by 1`;
  return rows.map((row) => row.name);
}

async function mayBecome(login: string): Promise<string[]> {
  const rows = await root`select rolname as name from pg_roles
    where rolname like 'call\\_ledger\\_%' and rolname <> ${login} and pg_has_role(${login}, oid, 'member') order by 1`;
  return rows.map((row) => row.name);
}

test("a login has the rights of its use, and loses the others when it is made for another use", async () => {
  const workers = await executable("call_ledger_worker");
  const ofApi = [
    ...(await executable("call_ledger_writer")),
    ...(await executable("call_ledger_reader")),
    ...(await executable("call_ledger_api_operator")),
  ];
  const writers = [...new Set(ofApi)].sort();
  expect(writers).toContain("record_deliveries");
  expect(writers).toContain("rotate_account_secret");
  expect(workers).toContain("claim_recordings_in_turn");
  const all = [...new Set([...writers, ...workers])].sort();
  const wanted = { all, api: writers, worker: workers };
  const roles = {
    all: [...API_ROLES, "call_ledger_worker"].sort(),
    api: API_ROLES,
    worker: ["call_ledger_worker"],
  };
  for (const use of [...LOGIN_USES, ...LOGIN_USES.toReversed()]) {
    await createAppLogin(db.ownerUrl, { name, use, password: "second" });
    expect({ use, functions: await executable(name), roles: await mayBecome(name) }).toEqual({
      use,
      functions: wanted[use],
      roles: roles[use],
    });
  }
});

test("no login may delete calls or events, and only a worker's has the functions of retention", async () => {
  for (const use of LOGIN_USES) {
    await createAppLogin(db.ownerUrl, { name, use });
    const roles = [name, ...(await mayBecome(name))];
    const rights = await root`select role, right_to || ' ' || entry as right
      from unnest(${roles}::text[]) role, unnest('{calls,processed_webhook_events}'::text[]) entry,
        unnest('{delete,truncate}'::text[]) right_to
      where has_table_privilege(role, entry, right_to)`;
    expect([...rights]).toEqual([]);
    const retention = (await executable(name)).filter((called) => /^(drop|cap)_/.test(called));
    expect({ use, drops: retention.includes("drop_events") }).toEqual({ use, drops: use !== "api" });
    if (use === "api") expect(retention).toEqual([]);
  }
});

test("the new password is accepted, and the old one is not", async () => {
  const url = new URL(await createAppLogin(db.ownerUrl, { name, password: "third" }));
  const ask = async (password: string) => {
    url.password = password;
    const sql = postgres(url.href, { max: 1 });
    try {
      const [row] = await sql`select current_user as me`;
      return row?.me;
    } catch (error) {
      return error instanceof postgres.PostgresError ? error.code : error;
    } finally {
      await sql.end();
    }
  };
  expect([await ask("third"), await ask("second")]).toEqual([name, "28P01"]);
});

test("a login books in the isolation that the ledger needs, whatever its database has", async () => {
  const database = new URL(db.ownerUrl).pathname.slice(1);
  await root.unsafe(`alter database ${database} set default_transaction_isolation = 'serializable'`);
  const url = await createAppLogin(db.ownerUrl, { name, password: "fourth" });
  const sql = postgres(url, { max: 1 });
  const [row] = await sql`select current_setting('transaction_isolation') as isolation`;
  await sql.end();
  expect(row?.isolation).toBe("read committed");
});

test("no statement contains the password", async () => {
  const sent: Buffer[] = [];
  const url = new URL(db.ownerUrl);
  const [host, port] = [url.hostname, Number(url.port)];
  const proxy = createServer((inner) => {
    const outer = connect(port, host);
    inner.on("data", (bytes) => sent.push(Buffer.from(bytes)));
    // Either side may reset the connection at its end.
    pipeline(inner, outer, inner, () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  [url.hostname, url.port] = ["127.0.0.1", String((proxy.address() as AddressInfo).port)];
  await createAppLogin(url.href, { name, password: "never-in-a-log" });
  proxy.close();
  const text = Buffer.concat(sent).toString("latin1");
  expect(text).toContain(`alter role ${name} login noinherit password`);
  expect(text).not.toContain("never-in-a-log");
});

test.each(["all", "api"] as const)(
  "a login for %s may wake recordings when its operator allows a host",
  async (use) => {
    const url = await createAppLogin(db.ownerUrl, { name, use });
    const administration = openAdministration(url, { max: 1, name: "logins test" });
    const woken = administration.asOperator((change) => wakeWaitingRecordings(change, randomUUID()));
    await expect(woken).resolves.toBe(0);
    await administration.pool.close(1_000);
  },
);
