import { startCluster } from "@call-ledger/local-postgres";
import { expect, inject, test } from "vitest";
import { testCluster } from "../src/vitest/index.ts";

const own = inject("postgresMajor");
const others = ([15, 16, 17, 18] as const).filter((major) => major !== own);

test.each(others)("Postgres %i is started once and shared by a worker", async (major) => {
  const [first, second] = await Promise.all([testCluster(major), testCluster(major)]);
  expect(second.superuserUrl).toBe(first.superuserUrl);
  const folder = `${inject("testRunFolder")}/${major}-${process.pid}`;
  expect(await startCluster({ folder })).toMatchObject({ owned: false, superuserUrl: first.superuserUrl });
});

test("the run's own major gives the run's own cluster", async () => {
  expect(await testCluster(own)).toEqual({ superuserUrl: inject("postgresUrl") });
});
