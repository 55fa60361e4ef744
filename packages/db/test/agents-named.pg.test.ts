import { expect, test } from "vitest";
import { PLATFORM_ACCOUNT } from "../src/testing/index.ts";
import { useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();

test("the agents that a delivery names are found by indexes, with removed ones", async () => {
  await ledger.owner`insert into agents (org_id, provider_account_id, provider_agent_id, deleted_at)
    select ${ledger.fixture.orgId}, ${PLATFORM_ACCOUNT}, 'many-' || n, case when n % 2 = 0 then now() end
    from generate_series(1, 3000) n`;
  await ledger.owner`analyze agents`;
  const rows = await ledger.owner`explain
    select * from call_ledger.agents_named(${PLATFORM_ACCOUNT}, 'many-2', 'number', '+12025550144', null)`;
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  for (const index of ["provider_agent", "provider_phone_number", "phone_number"]) {
    expect(plan).toContain(`using agents_${index}_idx`);
  }
  expect(plan).not.toContain("Seq Scan");
});
