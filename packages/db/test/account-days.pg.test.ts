import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pool } from "../src/client/index.ts";
import { openPool } from "../src/client/index.ts";
import { readDaysOfAccounts } from "../src/read/completeness.query.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { PLATFORM_ACCOUNT, testDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let pool: Pool;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  pool = openPool(db.appUrl, { max: 1, name: "completeness test" });
  await owner`insert into reconciled_accounts (provider_account_id, provider, compared_until)
    values (${PLATFORM_ACCOUNT}, 'vapi', now())`;
});

afterAll(async () => {
  await pool.close(1_000);
  await owner.end();
  await db.drop();
});

/** An organization on the platform's account, with calls of yesterday by its own calendar. */
async function organization(timeZone: string, calls: number, missing: string | null): Promise<string> {
  const orgId = randomUUID();
  await owner`insert into organizations (id, name, time_zone) values (${orgId}, 'Northgate', ${timeZone})`;
  await owner`insert into provider_calls
      (provider_account_id, provider_call_id, org_id, has_ended, missing, created_at)
    select ${PLATFORM_ACCOUNT}, ${orgId} || n, ${orgId}, true, ${missing},
      (date_trunc('day', now() at time zone ${timeZone}) - n * interval '1 second') at time zone ${timeZone}
    from generate_series(1, ${calls}) n`;
  return orgId;
}

test("the accounts that lacked the most calls come first, then the busiest, each with a week, up to the limit", async () => {
  const few = await organization("Pacific/Auckland", 1, "refused");
  const gone = await organization("UTC", 9, "gone");
  const more = await organization("America/Los_Angeles", 2, "not_booked");
  const read = async (max: number) => {
    const found = await readDaysOfAccounts(pool, max, 5_000);
    return [...Map.groupBy(found, ({ orgId }) => orgId)].map(([orgId, days]) => [
      orgId,
      days.length,
      days.map(({ difference, gone: left }) => [difference, left]).at(-1),
    ]);
  };
  const all = [
    [more, 7, [2, 0]],
    [few, 7, [1, 0]],
    [gone, 7, [0, 9]],
  ];
  expect(await read(100)).toEqual(all);
  expect(await read(2)).toEqual(all.slice(0, 2));
});
