import { startCluster } from "@call-ledger/postgres";
import { expect, inject, test } from "vitest";
import { testCluster } from "../src/index.ts";

test.each([15, 16, 17] as const)("Postgres %i is started once and shared by a worker", async (major) => {
  const [first, second] = await Promise.all([testCluster(major), testCluster(major)]);
  expect(second.superuserUrl).toBe(first.superuserUrl);
  const folder = `${inject("testRunFolder")}/${major}-${process.pid}`;
  expect(await startCluster({ folder })).toMatchObject({ owned: false, superuserUrl: first.superuserUrl });
});

test("18 is the run's own", async () => {
  expect(await testCluster(18)).toEqual({ superuserUrl: inject("postgresUrl") });
});
