import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE, NOW, useAlarmLedger } from "./harness/alarm-ledger.ts";

const ledger = useAlarmLedger();
const { orgId, evaluate, callAt, recordingAt, compared, ownAccount } = ledger;

const alarmsOf = (condition: string) =>
  ledger.sql`select scope, org_id, figures from alarms where condition = ${condition}`;

/** Ten calls of the provider's list, of which the ledger lacked the last six. */
async function listed(accountId: string, more: object = {}): Promise<void> {
  for (let call = 0; call < 10; call += 1) {
    await ledger.sql`insert into provider_calls ${ledger.sql({
      provider_account_id: accountId,
      provider_call_id: String(call),
      org_id: orgId,
      has_ended: true,
      lacked: call < 4 ? "fields" : "call",
      created_at: new Date(NOW - 2 * HOUR),
      ...more,
    })}`;
  }
}

test("repaired calls of the platform's account are an alarm of their organization", async () => {
  await compared();
  await listed(PLATFORM_ACCOUNT);
  await evaluate(NOW);
  const figures = { calls: 6, listed: 10 };
  expect(await alarmsOf("calls_repaired")).toEqual([
    { scope: `organization:${orgId}`, org_id: orgId, figures },
  ]);
});

test("repaired calls of an organization's account are an alarm of the account", async () => {
  const accountId = await ownAccount({});
  await listed(accountId);
  await evaluate(NOW);
  const figures = { calls: 6, listed: 10 };
  expect(await alarmsOf("calls_repaired")).toEqual([
    { scope: `account:${accountId}`, org_id: orgId, figures },
  ]);
});

test.each([
  ["more than a day ago", { created_at: new Date(NOW - DAY - HOUR) }],
  ["before the first verified delivery of the account", { created_at: new Date(NOW - 6 * HOUR) }],
  ["of no organization", { org_id: null }],
  ["and are not booked yet", { missing: "not_booked" }],
])("calls that began %s are not repaired calls", async (_which, call) => {
  const accountId = await ownAccount({});
  await ledger.sql`insert into account_contacts (provider_account_id, first_verified_at)
    values (${accountId}, ${new Date(NOW - 5 * HOUR)})`;
  await listed(accountId, call);
  await evaluate(NOW);
  expect(await alarmsOf("calls_repaired")).toEqual([]);
});

test("looking for repaired calls reads only the calls of a day", async () => {
  await compared();
  await listed(PLATFORM_ACCOUNT);
  await ledger.sql`insert into provider_calls (provider_account_id, provider_call_id, org_id, has_ended, created_at)
    select ${PLATFORM_ACCOUNT}, 'old-' || n, ${orgId}, true, ${new Date(NOW - 2 * DAY)}::timestamptz - n * interval '1 minute'
    from generate_series(1, 5000) n`;
  await ledger.sql`analyze provider_calls`;
  const read = await ledger.sql.begin(async (tx) => {
    await tx`select call_ledger.alarm_readings(${new Date(NOW)})`;
    const [row] = await tx`select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
      from pg_stat_xact_user_tables where relname = 'provider_calls'`;
    return Number(row?.rows);
  });
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(100);
});

test.each([
  ["before a day has passed since its first comparison", 25 * HOUR, 0],
  ["later, because somebody has forgotten its server URL", 27 * HOUR, 1],
])("repaired calls of an account without any delivery, %s", async (_when, ago, alarms) => {
  const accountId = await ownAccount({ created_at: new Date(NOW - ago) });
  await listed(accountId);
  await evaluate(NOW);
  expect(await alarmsOf("calls_repaired")).toHaveLength(alarms);
});

test.each([
  ["six minutes after their ends", 6 * MINUTE, 10 * 1_000, 1],
  ["at once", 0, 10 * 1_000, 1],
  ["spread over half an hour", 0, 2 * MINUTE, 0],
  ["an hour after their ends", HOUR, 10 * 1_000, 0],
])("twelve calls that the provider failed, learned %s", async (_when, late, apart, alarms) => {
  const failed = {
    phase: "ended",
    outcome: "failed",
    ended_reason: "call.in-progress.error-vapifault-worker-died",
  };
  for (let call = 0; call < 12; call += 1) {
    const endedAt = NOW - late - call * apart;
    await callAt(endedAt - MINUTE, { ...failed, ended_at: new Date(endedAt) });
  }
  await evaluate(NOW);
  expect(await alarmsOf("provider_failures")).toHaveLength(alarms);
});

test.each([
  ["that have failed for two hours", { last_error: "could not be stored: HTTP 403" }, 1],
  ["that are fetched again now", { last_error: "HTTP 403", status: "fetching" }, 1],
  ["that have not failed", {}, 0],
  ["that are new", { last_error: "HTTP 403", created_at: new Date(NOW) }, 0],
  ["that were given up", { last_error: "HTTP 403", status: "failed" }, 0],
])("recordings %s", async (_which, recording, alarms) => {
  const deadline = new Date(NOW + 12 * DAY);
  for (let each = 0; each < 3; each += 1) {
    await recordingAt({ attempts: 30, deadline, created_at: new Date(NOW - 2 * HOUR), ...recording });
  }
  await evaluate(NOW);
  const alarm = { scope: `organization:${orgId}`, org_id: orgId, figures: { recordings: 3 } };
  expect(await alarmsOf("recordings_failing")).toEqual(Array(alarms).fill(alarm));
});
