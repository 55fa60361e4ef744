import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "@call-ledger/api/testing/api-process";
import { deliver, message, send } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import type { Cluster } from "@call-ledger/local-postgres";
import { scratchFolder, startCluster } from "@call-ledger/local-postgres";
import { freeze } from "@call-ledger/testkit/faults";
import type { Server } from "@call-ledger/testkit/process";
import { startProgram, until } from "@call-ledger/testkit/process";
import type { SmallDisk } from "@call-ledger/testkit/vitest";
import { describeWithDisk, diskMounter } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const CHART = new URL("../../docs/operations.md", import.meta.url);
const folder = scratchFolder("call-ledger-faults-");
const mountDisk = diskMounter();
const DISK_MB = 400;
const SETTINGS = { fsync: "off", max_wal_size: "64MB" };

let disk: SmallDisk | undefined;
let cluster: Cluster;
let ledger: TestLedger;
let api: Server;
let superuser: postgres.Sql;
let callNumber = 0;

beforeAll(async () => {
  disk = mountDisk?.(folder, DISK_MB);
  cluster = await startCluster({ folder, settings: SETTINGS });
  ledger = await testLedger(cluster.superuserUrl);
  await ledger.addAgent();
  superuser = postgres(cluster.superuserUrl, { max: 1, onnotice: () => undefined });
  api = await startProcess(ledger.database.appUrl, { METRICS_TOKEN: "a-token-of-this-test" });
});
afterAll(async () => {
  await api.kill();
  await superuser.end();
  await ledger.drop();
  await cluster.stop();
  disk?.unmount();
  rmSync(folder, { recursive: true, force: true });
});

const database = () => new URL(ledger.database.ownerUrl).pathname.slice(1);
const login = () => new URL(ledger.database.appUrl).username;
const deliverOne = () => {
  callNumber += 1;
  return deliver(api.url, message("status-update", `call-${callNumber}`, { status: "ringing" }));
};
const health = () => send(`${api.url}/health`, {});
/**
 * Runs statements as the superuser, then ends the sessions of the server, as a platform does after it changes a
 * setting.
 */
const change = async (statements: string): Promise<void> => {
  for (const statement of statements.split(";")) await superuser.unsafe(statement);
  await superuser`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${login()}`;
};
const ops = async (...args: string[]) => {
  const env = { DATABASE_URL: ledger.database.ownerUrl, VAPI_WEBHOOK_SECRET: "test-secret-0123456789abcdef" };
  const program = startProgram([inject("programs").ops, ...args], { env });
  return { code: await program.ended, stdout: program.stdout(), stderr: program.stderr() };
};

type Fault = {
  readonly begin: () => Promise<() => Promise<unknown> | unknown>;
  /** Whether the fault also affects the owner's commands, and not only the server's login. */
  readonly ofDatabase?: true;
};
const changed = (statements: string, back: string) => async () => {
  await change(statements);
  return () => change(back);
};

const FAULTS: readonly (readonly [string, () => Fault])[] = [
  [
    "read_only",
    () => ({
      begin: changed(
        `alter database ${database()} set default_transaction_read_only = on`,
        `alter database ${database()} reset default_transaction_read_only`,
      ),
      ofDatabase: true,
    }),
  ],
  [
    "io_error",
    () => ({
      begin: async () => {
        const sql = postgres(ledger.database.superuserUrl, { max: 1, onnotice: () => undefined });
        const [row] = await sql`select pg_relation_filepath('processed_webhook_events') as path`;
        const file = join(folder, "data", row?.path);
        await change("checkpoint");
        renameSync(file, `${file}.lost`);
        await sql.end();
        return () => renameSync(`${file}.lost`, file);
      },
    }),
  ],
  [
    "too_many_connections",
    () => ({
      begin: changed(`alter role ${login()} connection limit 0`, `alter role ${login()} connection limit -1`),
    }),
  ],
  [
    "login_refused",
    () => ({ begin: changed(`alter role ${login()} nologin`, `alter role ${login()} login`) }),
  ],
  [
    "no_such_database",
    () => ({
      begin: async () => {
        const ended = () =>
          superuser`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database()}`;
        await superuser.unsafe(`alter database ${database()} allow_connections false`);
        await ended();
        await superuser.unsafe(`alter database ${database()} rename to elsewhere`);
        return () =>
          superuser
            .unsafe(`alter database elsewhere rename to ${database()}`)
            .then(() => superuser.unsafe(`alter database ${database()} allow_connections true`));
      },
      ofDatabase: true,
    }),
  ],
  ["too_slow", () => ({ begin: async () => freeze(cluster.pid) })],
  [
    "too_slow",
    () => ({
      begin: async () => {
        const sql = postgres(ledger.database.superuserUrl, { max: 1 });
        await sql.unsafe("begin; lock table processed_webhook_events");
        return () => sql.end({ timeout: 0 });
      },
    }),
  ],
  [
    "out_of_resources",
    () => ({
      // The locks stay with their session after the statement fails because no memory is left for another lock.
      begin: async () => {
        const sql = postgres(ledger.database.superuserUrl, { max: 1 });
        await sql`select count(pg_advisory_lock(n)) from generate_series(1, 10000000) n`.catch(() => null);
        return () => sql.end();
      },
    }),
  ],
  [
    "starting",
    () => ({
      // Waits until the superuser's session ends, and accepts no new session.
      begin: async () => {
        process.kill(cluster.pid, "SIGTERM");
        await superuser`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${login()}`;
        return async () => {
          await superuser.end();
          await cluster.ended;
          await startAgain();
        };
      },
      ofDatabase: true,
    }),
  ],
  [
    "no_answer",
    () => ({
      begin: async () => {
        await superuser.end();
        await cluster.stop();
        return startAgain;
      },
      ofDatabase: true,
    }),
  ],
];
async function startAgain(): Promise<void> {
  cluster = await startCluster({ folder, settings: SETTINGS });
  superuser = postgres(cluster.superuserUrl, { max: 1, onnotice: () => undefined });
}

/** Expects that all five places name the fault. */
async function expectNamed(name: string, ofDatabase: boolean): Promise<void> {
  await until(async () => (await deliverOne()).status === 503, "deliveries are refused");
  const broken = { status: "error", services: { database: false }, database_fault: name };
  await until(
    async () => {
      const { status, json } = await health();
      return status === 503 && Reflect.get(Object(json), "database_fault") === name;
    },
    "the health names it",
    30,
  );
  expect((await health()).json).toMatchObject(broken);
  const told = () =>
    api
      .stdout()
      .split("\n")
      .filter(
        (line) => line.includes(`"fault":"${name}"`) && line.includes("CRITICAL: Failed to mark event"),
      );
  await until(async () => (await deliverOne()).status === 503 && told().length > 0, "the log names it");
  expect(JSON.parse(told().at(-1) ?? "{}").next).toMatch(/^[A-Z].+/);
  const metrics = await fetch(`${api.url}/metrics`, {
    headers: { authorization: "Bearer a-token-of-this-test" },
  });
  expect(await metrics.text()).toContain("\ncall_ledger_database_up 0\n");
  const watch = async () => {
    const { code, stdout } = await ops(
      "watch",
      api.url,
      "--every",
      "1s",
      "--for",
      "2s",
      "--without-database",
    );
    expect([code, stdout]).toEqual([1, expect.stringContaining(`false: database (${name})`)]);
  };
  const check = async (args: readonly string[]) => {
    const { code, stdout } = await ops(...args);
    expect([code === 0, stdout], args.join(" ")).toEqual([false, expect.stringContaining(`(${name}`)]);
  };
  const checks = ofDatabase ? [["verify"], ["preflight", "--pipeline"]] : [];
  await Promise.all([watch(), ...checks.map(check)]);
}

async function expectFault(name: string, { begin, ofDatabase }: Fault): Promise<void> {
  expect(readFileSync(CHART, "utf8")).toContain(`\n- \`${name}\``);
  await until(async () => (await deliverOne()).status === 200, "deliveries are booked before the fault", 40);
  await until(async () => (await health()).status === 200, "the health is ok before the fault", 40);
  const end = await begin();
  try {
    await expectNamed(name, ofDatabase === true);
  } finally {
    await end();
  }
  await until(async () => (await deliverOne()).status === 200, "deliveries are booked after the fault", 40);
  await until(async () => (await health()).status === 200, "the health is ok after the fault", 40);
}

test.each(FAULTS)(
  "%s: health, log, metric and watch name it, and the api recovers by itself",
  (name, fault) => expectFault(name, fault()),
  120_000,
);

describeWithDisk(mountDisk, "on a full disk", () => {
  test("disk_full: health, log, metric and watch name it, and the api recovers by itself", async () => {
    const begin = async () => disk?.fill() ?? expect.fail("there is no small disk");
    await expectFault("disk_full", { begin, ofDatabase: true });
  }, 120_000);
});
