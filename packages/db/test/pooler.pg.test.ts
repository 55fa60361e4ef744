import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "@call-ledger/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Pool } from "../src/client/index.ts";
import { behindPooler, openPool } from "../src/client/index.ts";
import {
  authenticateKey,
  findProviderAccounts,
  readCallRecording,
  readLedgerStatus,
} from "../src/read/index.ts";
import type { StoryWorld, TestDatabase } from "../src/testing/index.ts";
import { createStoryWorld, KNOWN_FACTS, testDatabase, toRecord } from "../src/testing/index.ts";
import { recordDeliveries, replayWaiting } from "../src/write/index.ts";

const NOBODY = 65534;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describeWith("pgbouncer", "behind PgBouncer in transaction mode", (program) => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let world: StoryWorld;
  let pool: Pool;
  let bouncer: ChildProcess;
  let folder: string;

  beforeAll(async () => {
    db = await testDatabase();
    owner = postgres(db.ownerUrl, { max: 1 });
    world = await createStoryWorld(owner);
    folder = mkdtempSync(join(tmpdir(), "pooler-"));
    const app = new URL(db.appUrl);
    const port = await freePort();
    writeFileSync(join(folder, "users.txt"), `"${app.username}" "${app.password}"\n`);
    writeFileSync(
      join(folder, "pgbouncer.ini"),
      `[databases]\n${app.pathname.slice(1)} = host=${app.hostname} port=${app.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n` +
        `listen_port = ${port}\nunix_socket_dir =\nauth_type = plain\nauth_file = ${join(folder, "users.txt")}\n` +
        "pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 100\n",
    );
    for (const path of [folder, join(folder, "users.txt"), join(folder, "pgbouncer.ini")])
      chmodSync(path, 0o755);
    const root = process.getuid?.() === 0;
    if (root) chownSync(folder, NOBODY, NOBODY);
    bouncer = spawn(program, ["-q", join(folder, "pgbouncer.ini")], root ? { uid: NOBODY, gid: NOBODY } : {});
    app.port = String(port);
    app.hostname = "127.0.0.1";
    pool = openPool(app.href, { max: 10, name: "pooled" });
    await vi.waitFor(() => readLedgerStatus(pool, 1_000), { timeout: 10_000 });
  });

  afterAll(async () => {
    await pool.close(1_000);
    await owner.end();
    bouncer.kill("SIGKILL");
    rmSync(folder, { recursive: true });
    await db.drop();
  });

  test("the pooler is noticed", async () => {
    expect(await behindPooler(pool, 5_000)).toBe(true);
  });

  test("batches of many clients are booked over few server connections", async () => {
    const facts = KNOWN_FACTS;
    const event = {
      kind: "call.progressed" as const,
      phase: "ringing" as const,
      type: "status-update",
      occurredAt: null,
    };
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        recordDeliveries(pool, [toRecord(world, `pooled-${index % 50}`, { account: 0, facts, event })], {
          transport: "literal",
          deadlineMs: 10_000,
        }),
      ),
    );
    const applied = outcomes.flat().filter(({ outcome }) => outcome === "applied");
    const duplicate = outcomes.flat().filter(({ outcome }) => outcome === "duplicate");
    expect([applied.length, duplicate.length]).toEqual([50, 150]);
  });

  test("each reader sees its own organization, though they share server connections", async () => {
    const [other] = await owner`insert into organizations (name) values ('next door') returning id`;
    const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const;
    await owner`insert into api_keys (org_id, prefix, key_hash, scopes) values
      (${world.orgId}, 'a', ${keys[0]}, '{recordings:read}'), (${other?.id}, 'b', ${keys[1]}, '{recordings:read}')`;
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const key = await authenticateKey(pool, keys[index % 2 === 0 ? 0 : 1], 10_000);
        const wanted = { call: "pooled-1", channel: null };
        return readCallRecording(pool, key?.orgId ?? "", wanted, 10_000);
      }),
    );
    const own = answers.filter((_, index) => index % 2 === 0);
    const next = answers.filter((_, index) => index % 2 === 1);
    expect(new Set(own.map((answer) => answer?.state))).toEqual(new Set(["none"]));
    expect(new Set(next)).toEqual(new Set([null]));
    expect(
      await findProviderAccounts(
        pool,
        world.accounts.map(({ id }) => id),
        10_000,
      ),
    ).toEqual([null, { provider: "vapi", webhookSecrets: [], verification: null }]);
  });

  test("the sweep and the status work there too", async () => {
    expect(await replayWaiting(pool, { most: 10, deadlineMs: 5_000 })).toBe(0);
    expect((await readLedgerStatus(pool, 5_000)).databaseSizeMb).toBeGreaterThan(1);
  });
});
