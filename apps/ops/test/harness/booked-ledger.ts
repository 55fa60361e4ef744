import { openPool } from "@call-ledger/db/client";
import type { OrganizationFixture, TestDatabase } from "@call-ledger/db/testing";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  testDatabase,
} from "@call-ledger/db/testing";
import { recordDeliveries } from "@call-ledger/db/write";
import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";

/** A database with two whole calls of one organization. */
export type BookedLedger = {
  readonly database: TestDatabase;
  readonly fixture: OrganizationFixture;
  /** Runs statements that only a superuser can run. */
  breakWith(statements: string): Promise<void>;
  isBroken(): boolean;
  /** Returns a new ledger in the place of this one. */
  replaced(): Promise<BookedLedger>;
  drop(): Promise<void>;
};

const AT = Date.UTC(2026, 2, 12, 15);

export async function bookedLedger(): Promise<BookedLedger> {
  const database = await testDatabase();
  const owner = postgres(database.ownerUrl, { max: 1 });
  const fixture = await createOrganizationFixture(owner);
  await owner.end();
  const pool = openPool(database.appUrl, { max: 1, name: "ops test" });
  const events = [
    {
      kind: "call.progressed" as const,
      phase: "ringing" as const,
      type: "status-update",
      occurredAt: AT,
    },
    {
      kind: "call.reported" as const,
      type: "end-of-call-report",
      occurredAt: AT + 30_000,
      report: { ...SILENT_REPORT, startedAt: AT + 2_000, endedAt: AT + 20_000, durationSeconds: 18 },
      sources: [],
    },
  ];
  for (const call of ["call-1", "call-2"]) {
    const deliveries = events.map((event) =>
      deliveryToBook(fixture, call, { account: 0, facts: KNOWN_FACTS, event }),
    );
    await recordDeliveries(pool, deliveries, { transport: "literal", deadlineMs: 10_000 });
  }
  await pool.close(1_000);
  let broken = false;
  return {
    database,
    fixture,
    isBroken: () => broken,
    async replaced() {
      await database.drop();
      return bookedLedger();
    },
    async breakWith(statements) {
      broken = true;
      const superuser = postgres(database.superuserUrl, { max: 1, onnotice: () => undefined });
      try {
        await superuser.unsafe(statements);
      } finally {
        await superuser.end();
      }
    },
    drop: () => database.drop(),
  };
}
