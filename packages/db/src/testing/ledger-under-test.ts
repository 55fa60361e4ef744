import type { CallEvent, CallFacts } from "@call-ledger/domain";
import { NO_FACTS } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { openPool, type Pool } from "../client/index.ts";
import { DbError } from "../client/pg-error.ts";
import type { Booked, DeliveryToBook } from "../write/index.ts";
import { bookDeliveries, recordDeliveries } from "../write/index.ts";
import type { OrganizationFixture, TestDatabase } from "./index.ts";
import { createOrganizationFixture, deliveryToBook, testDatabase } from "./index.ts";

export const OPTIONS = { transport: "prepared", deadlineMs: 10_000 } as const;
export const AT = Date.UTC(2026, 2, 12, 15);

export const nobody: CallFacts = NO_FACTS;
export const known: CallFacts = { ...nobody, providerAgentId: "asst-1" };

export const ringing: CallEvent = {
  kind: "call.progressed",
  phase: "ringing",
  type: "status-update",
  occurredAt: AT,
};
export const ended: CallEvent = {
  kind: "call.ended",
  ending: { reason: "customer-ended-call", outcome: "completed" },
  type: "status-update",
  occurredAt: AT + 20_000,
};

/** Returns a report of a call of 17 seconds. A source is the URL of its mono recording. */
export function report(
  sources: { url: string; expiresAt: number }[],
  transcript: string | null = "Hello",
): Extract<CallEvent, { kind: "call.reported" }> {
  return {
    kind: "call.reported",
    type: "end-of-call-report",
    occurredAt: AT + 30_000,
    report: {
      source: "webhook",
      revisedAt: AT + 20_000,
      transcript,
      messages: null,
      callerTurns: null,
      summary: null,
      analysis: null,
      costUsd: 0.03,
      costBreakdown: null,
      startedAt: AT + 3_500,
      endedAt: AT + 20_000,
      ending: { reason: "customer-ended-call", outcome: "completed" },
      forwardedTo: null,
      details: null,
      durationSeconds: 17,
      recordings: [{ channel: "mono", url: "https://r.test/mono.wav" }],
    },
    sources: sources.map((source) => ({ channel: "mono", ...source })),
  };
}

/** A ledger of one test file, and a new call for each test. */
export type LedgerUnderTest = {
  db: TestDatabase;
  owner: postgres.Sql;
  pool: Pool;
  fixture: OrganizationFixture;
  /** The provider's id of this test's call. */
  call: string;
  delivery(event: CallEvent, facts?: CallFacts, account?: number): DeliveryToBook;
  /** Books deliveries and returns the outcome of each, or the reason of its quarantine. */
  record(...deliveries: DeliveryToBook[]): Promise<string[]>;
  book(...deliveries: DeliveryToBook[]): Promise<string[]>;
};

export function useLedger(): LedgerUnderTest {
  let calls = 0;
  const outcomes = (booked: Booked) =>
    booked.map((one) => (one instanceof DbError ? one.code : (one.reason ?? one.outcome)));
  const ledger = {
    call: "",
    delivery: (event, facts = known, account = 0) =>
      deliveryToBook(ledger.fixture, ledger.call, { account, facts, event }),
    record: async (...deliveries) => outcomes(await recordDeliveries(ledger.pool, deliveries, OPTIONS)),
    book: async (...deliveries) => outcomes(await bookDeliveries(ledger.pool, deliveries, OPTIONS)),
  } as LedgerUnderTest;

  beforeAll(async () => {
    ledger.db = await testDatabase();
    ledger.owner = postgres(ledger.db.ownerUrl, { max: 2 });
    ledger.pool = openPool(ledger.db.appUrl, { max: 4, name: "under test", prepare: true });
    ledger.fixture = await createOrganizationFixture(ledger.owner);
  });
  beforeEach(() => {
    ledger.call = `call-${++calls}`;
  });
  afterAll(async () => {
    await ledger.pool.close(1_000);
    await ledger.owner.end();
    await ledger.db.drop();
  });
  return ledger;
}
