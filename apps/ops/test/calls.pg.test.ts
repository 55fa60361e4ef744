import { openPool } from "@call-ledger/db/client";
import type { TestDatabase } from "@call-ledger/db/testing";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  testDatabase,
} from "@call-ledger/db/testing";
import { recordDeliveries } from "@call-ledger/db/write";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

let db: TestDatabase;
let orgId: string;

beforeAll(async () => {
  db = await testDatabase();
  const owner = postgres(db.ownerUrl, { max: 1 });
  const fixture = await createOrganizationFixture(owner);
  orgId = fixture.orgId;
  const pool = openPool(db.appUrl, { max: 1, name: "calls test" });
  for (const name of ["stuck", "fine"]) {
    const event = {
      kind: "call.progressed",
      phase: "ringing",
      type: "status-update",
      occurredAt: null,
    } as const;
    const delivery = deliveryToBook(fixture, name, { account: 0, facts: KNOWN_FACTS, event });
    await recordDeliveries(pool, [delivery], { transport: "literal", deadlineMs: 5_000 });
  }
  await owner`update calls set attention = '{stuck}' where provider_call_id = 'stuck'`;
  await Promise.all([pool.close(1_000), owner.end()]);
});

afterAll(() => db.drop());

const attention = (...args: string[]) =>
  callOps(["calls", "attention", ...args], { DATABASE_URL: db.ownerUrl });

test("attention lists the marked calls with the reason", async () => {
  const env = { DATABASE_URL: db.ownerUrl };
  const listed = documentOf(await runOps(["calls", "attention", "--json"], env));
  expect(listed).toMatchObject([
    { provider_call_id: "stuck", org_id: orgId, attention: ["stuck"], phase: "ringing" },
  ]);
  const { stdout } = await attention();
  expect(stdout).toMatch(/stuck +stuck +ringing/);
});

test("attention can list the calls of one mark", async () => {
  expect(documentOf(await attention("--mark", "stuck", "--json"))).toHaveLength(1);
  expect((await attention("--mark", "missing_report")).stdout).toBe("No call needs attention.\n");
});
