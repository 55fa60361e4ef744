import { readFileSync } from "node:fs";
import { testCluster } from "@call-ledger/testkit/vitest";
import fc from "fast-check";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { openPool } from "../src/client/index.ts";
import { describeSchema } from "../src/migrate/describe-schema.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  expectedRows,
  expectedState,
  generatedCall,
  rowsOf,
  testDatabase,
} from "../src/testing/index.ts";
import { recordDeliveries } from "../src/write/index.ts";

const CALLS = 60;

describe.each([15, 16, 17] as const)("Postgres %i", (major) => {
  test("has the same schema after the same migrations, and the same rows after the same deliveries", async () => {
    const { superuserUrl } = await testCluster(major);
    const db = await testDatabase(superuserUrl);
    const owner = postgres(db.ownerUrl, { max: 1 });
    const pool = openPool(db.appUrl, { max: 2, name: "majors", prepare: true });
    try {
      const [server] = await owner`select current_setting('server_version_num')::int / 10000 as major`;
      expect(server?.major).toBe(major);
      expect(await describeSchema(owner)).toBe(
        readFileSync(new URL("../schema.sql", import.meta.url), "utf8"),
      );

      const fixture = await createOrganizationFixture(owner);
      for (const [number, deliveries] of fc.sample(generatedCall, CALLS).entries()) {
        const providerCallId = `majors-${number}`;
        const batch = deliveries.map((delivery) => deliveryToBook(fixture, providerCallId, delivery));
        await recordDeliveries(pool, batch, { transport: "prepared", deadlineMs: 20_000 });
        const state = expectedState(fixture, deliveries);
        const expected =
          state && expectedRows({ orgId: fixture.orgId, provider: "vapi", providerCallId }, state);
        expect(await rowsOf(owner, providerCallId)).toEqual(expected);
      }
    } finally {
      await pool.close(1_000);
      await owner.end();
      await db.drop();
    }
  });
});
