import { AT, ended, known, nobody, report, ringing, useLedger } from "@call-ledger/db/testing/ledger";
import type { CallEvent } from "@call-ledger/domain";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openProbe, type Probe } from "../src/admin/index.ts";

const ledger = useLedger();
let probe: Probe;

beforeEach(() => {
  probe = openProbe(ledger.db.ownerUrl, "vapi");
});
afterEach(() => probe.close());

const spoken: CallEvent = {
  kind: "call.transcribed",
  type: "transcript",
  occurredAt: AT + 4_000,
  segment: { role: "user", text: "Hello", byCaller: true },
};

/** Returns the number of rows by organization, `null` included, of each of our tables that names one. */
async function rowsByOrganization(): Promise<Record<string, number>> {
  const tables = await ledger.owner`
    select t::text as name from call_ledger.own_tables() t
    join pg_attribute a on a.attrelid = t and a.attname = 'org_id' order by 1`;
  const rows: Record<string, number> = {};
  for (const { name } of tables) {
    const counts = await ledger.owner`
      select coalesce(org_id::text, 'nobody') as org, count(*)::int as n from ${ledger.owner(name)} group by 1`;
    for (const { org, n } of counts) rows[`${name} of ${org}`] = Number(n);
  }
  return rows;
}

test("all rows of the reserved organization are removed, and no others", async () => {
  await ledger.record(ledger.delivery(ringing), ledger.delivery(report([])));
  const before = await rowsByOrganization();

  expect(await probe.prepare()).toBe(0);
  const facts = { ...nobody, providerAgentId: probe.providerAgentId };
  ledger.call = "probed";
  for (const event of [ringing, spoken, ended, report([])]) {
    expect(await ledger.record(ledger.delivery(event, facts))).toEqual(["applied"]);
  }
  expect(await probe.rowsOf("probed")).toEqual({
    calls: 1,
    tracking: 1,
    logs: 1,
    events: 4,
    uploads: 1,
    quarantined: 0,
    phase: "ended",
  });
  expect(Object.keys(await rowsByOrganization()).length - Object.keys(before).length).toBe(9);

  expect(await probe.remove()).toBeGreaterThan(10);
  expect(await rowsByOrganization()).toEqual(before);
  expect(await probe.remove()).toBe(0);
});

test("deliveries after the removal wait in quarantine, and the next removal deletes them", async () => {
  await ledger.record(ledger.delivery(ringing, known));
  const before = await rowsByOrganization();
  const facts = { ...nobody, providerAgentId: probe.providerAgentId };
  ledger.call = "late";
  expect(await ledger.record(ledger.delivery(ringing, facts))).toEqual(["unknown_agent"]);
  expect((await probe.rowsOf("late")).quarantined).toBe(1);
  expect(await probe.prepare()).toBe(2);
  expect((await probe.rowsOf("late")).quarantined).toBe(0);
  await probe.remove();
  expect(await rowsByOrganization()).toEqual(before);
});

test("one probe runs at a time", async () => {
  const other = openProbe(ledger.db.ownerUrl, "vapi");
  expect([await probe.reserve(), await other.reserve()]).toEqual([true, false]);
  await probe.close();
  await other.close();
  probe = openProbe(ledger.db.ownerUrl, "vapi");
  expect(await probe.reserve()).toBe(true);
});
