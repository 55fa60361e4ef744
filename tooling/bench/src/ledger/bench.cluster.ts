import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { addAgent, addOrganization, OPERATOR } from "@call-ledger/db/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { createAppLogin, migrate } from "@call-ledger/db/migrate";
import { asOperator } from "@call-ledger/db-operator/admin";
import { scratchFolder, startCluster } from "@call-ledger/local-postgres";
import postgres from "postgres";
import { familyCpuSeconds } from "../servers/process.cpu.ts";
import { ASSISTANTS } from "../traffic/traffic.generate.ts";

/** A migrated database that contains only organizations and agents. */
export type BenchLedger = {
  /** The URL of the application's login. */
  readonly appUrl: string;
  readonly ownerUrl: string;
  /** A client that is logged in as the owner. */
  readonly sql: postgres.Sql;
};

export type BenchCluster = {
  /** The version text of Postgres. */
  readonly version: string;
  /** The settings for durability and memory, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Creates a ledger. Every measurement has a database of its own. */
  createLedger(name: string): Promise<BenchLedger>;
  /** Returns the number of deadlocks that Postgres resolved in all databases of the run. */
  deadlocks(): Promise<number>;
  /**
   * Returns the processor time of all its running processes in seconds; `undefined` if the system does not give it
   * simply.
   */
  cpuSeconds(): number | undefined;
  /** Returns the free bytes of the disk that Postgres writes to. */
  freeDiskBytes(): number;
  /** Creates an empty database and returns the owner's URL. */
  createEmpty(name: string): Promise<string>;
  /** Stops Postgres and removes its files. */
  remove(): Promise<void>;
};

const OWNER = "bench_owner";
const APP = "bench_app";
const PASSWORD = "bench";
const TEMPLATE = "bench_template";
const ORGANIZATIONS = 4;

/** With these settings an answered webhook survives a crash of the process, of Postgres and of the machine. */
const DURABLE = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };
const SHOWN = [
  ...Object.keys(DURABLE),
  "wal_sync_method",
  "shared_buffers",
  "max_wal_size",
  "checkpoint_timeout",
  "autovacuum",
  "jit",
  "max_connections",
];

/** Starts a Postgres of its own in a temporary folder, with durability on and with more `settings`. */
export async function startBenchCluster(
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchCluster> {
  const folder = scratchFolder("call-ledger-bench-");
  const cluster = await startCluster({
    folder: join(folder, "postgres"),
    settings: { ...settings, ...DURABLE, "call_ledger.share_roles": "on" },
  });
  const superuser = postgres(cluster.superuserUrl, { max: 1, onnotice: () => undefined });
  const urlOf = (database: string, user: string) => {
    const url = new URL(cluster.superuserUrl);
    [url.pathname, url.username, url.password] = [`/${database}`, user, PASSWORD];
    return url.href;
  };
  await superuser.unsafe(`create role ${OWNER} login createrole password '${PASSWORD}'`);
  await superuser.unsafe(`create database ${TEMPLATE} owner ${OWNER}`);
  await fillTemplate(urlOf(TEMPLATE, OWNER));
  const opened: postgres.Sql[] = [];
  const shown: Record<string, string> = {};
  for (const name of SHOWN) {
    const [row] = await superuser.unsafe(`select current_setting('${name}') as value`);
    shown[name] = String(row?.value);
  }
  const [about] = await superuser`select version() as version`;

  return {
    version: String(about?.version),
    settings: shown,
    async createLedger(name) {
      await superuser.unsafe(`create database ${name} template ${TEMPLATE} owner ${OWNER}`);
      const ownerUrl = urlOf(name, OWNER);
      const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
      opened.push(sql);
      return { ownerUrl, appUrl: urlOf(name, APP), sql };
    },
    async deadlocks() {
      const [row] = await superuser`select sum(deadlocks)::int as count from pg_stat_database`;
      return Number(row?.count);
    },
    cpuSeconds: () => familyCpuSeconds(cluster.pid),
    freeDiskBytes() {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
    async createEmpty(name) {
      await superuser.unsafe(`create database ${name} owner ${OWNER}`);
      return urlOf(name, OWNER);
    },
    async remove() {
      await Promise.all([superuser, ...opened].map((sql) => sql.end({ timeout: 1 })));
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function fillTemplate(ownerUrl: string): Promise<void> {
  await migrate(ownerUrl);
  await createAppLogin(ownerUrl, { name: APP, password: PASSWORD });
  const accountId = PLATFORM_ACCOUNTS.vapi ?? "";
  await asOperator(ownerUrl, async (db) => {
    const organizations: string[] = [];
    for (let next = 1; next <= ORGANIZATIONS; next += 1) {
      organizations.push((await addOrganization(db, OPERATOR, { name: `Bench ${next}` })).id);
    }
    for (const [index, providerAgentId] of ASSISTANTS.entries()) {
      const orgId = organizations[index % ORGANIZATIONS] ?? "";
      await addAgent(db, { orgId, actor: OPERATOR }, { accountId, providerAgentId });
    }
  });
}
