import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "@call-ledger/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Pool } from "../src/client/index.ts";
import { behindPooler, openPool, sharesSessions } from "../src/client/index.ts";
import { readLedgerStatus } from "../src/read/index.ts";
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
  let pooledUrl: string;
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
    pooledUrl = app.href;
    pool = openPool(pooledUrl, { max: 10, name: "pooled" });
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
    expect([await sharesSessions(pooledUrl), await sharesSessions(db.ownerUrl)]).toEqual([true, false]);
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

  test("the sweep and the status work there too", async () => {
    expect(await replayWaiting(pool, { most: 10, deadlineMs: 5_000 })).toBe(0);
    expect((await readLedgerStatus(pool, 5_000)).databaseSizeMb).toBeGreaterThan(1);
  });
});
