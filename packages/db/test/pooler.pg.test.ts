import type { PgBouncer } from "@call-ledger/testkit/process";
import { startPgBouncer } from "@call-ledger/testkit/process";
import { describeWith } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { authenticateKey } from "../src/access/index.ts";
import type { Pool } from "../src/client/index.ts";
import { behindPooler, openPool, sharesSessions } from "../src/client/index.ts";
import { findProviderAccounts, readCallRecording } from "../src/read/index.ts";
import { readLedgerStatus } from "../src/read/ledger-status.query.ts";
import type { OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  testDatabase,
} from "../src/testing/index.ts";
import { recordDeliveries, replayWaiting } from "../src/write/index.ts";

describeWith("pgbouncer", "behind PgBouncer in transaction mode", (program) => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let fixture: OrganizationFixture;
  let pool: Pool;
  let bouncer: PgBouncer;

  beforeAll(async () => {
    db = await testDatabase();
    owner = postgres(db.ownerUrl, { max: 1 });
    fixture = await createOrganizationFixture(owner);
    bouncer = await startPgBouncer(program, [db.appUrl]);
    pool = openPool(bouncer.through(db.appUrl), { max: 10, name: "pooled" });
    await vi.waitFor(() => readLedgerStatus(pool, 1_000), { timeout: 10_000 });
  });

  afterAll(async () => {
    await pool.close(1_000);
    await owner.end();
    bouncer.stop();
    await db.drop();
  });

  test("the pooler is detected", async () => {
    expect(await behindPooler(pool, 5_000)).toBe(true);
    const shared = [await sharesSessions(bouncer.through(db.appUrl)), await sharesSessions(db.ownerUrl)];
    expect(shared).toEqual([true, false]);
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
        recordDeliveries(
          pool,
          [deliveryToBook(fixture, `pooled-${index % 50}`, { account: 0, facts, event })],
          {
            transport: "literal",
            deadlineMs: 10_000,
          },
        ),
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
      (${fixture.orgId}, 'a', ${keys[0]}, '{recordings:read}'), (${other?.id}, 'b', ${keys[1]}, '{recordings:read}')`;
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
        fixture.accounts.map(({ id }) => id),
        10_000,
      ),
    ).toEqual([null, { provider: "vapi", webhookSecrets: [], verification: null }]);
  });

  test("the sweep and the status work there too", async () => {
    expect(await replayWaiting(pool, { max: 10, deadlineMs: 5_000 })).toBe(0);
    expect((await readLedgerStatus(pool, 5_000)).databaseSizeMb).toBeGreaterThan(1);
  });
});
