import { SCOPES } from "@call-ledger/domain";
import { simulateCall } from "@call-ledger/simulator";
import { expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { ASSISTANT, deliver, message } from "../harness/deliveries.ts";
import { testLedger } from "../harness/ledger.ts";
import { askApi } from "../harness/people.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

test("a replay counts each outcome by its name, and the audit keeps the counts", async () => {
  const ledger = await testLedger();
  await ledger.addAgent();
  const api = await startApi(ledger.database.appUrl);
  try {
    await untilReady(api);
    const { deliveries } = simulateCall({
      seed: 1,
      assistantId: ASSISTANT,
      startedAt: Date.UTC(2026, 2, 12, 15),
      outcome: "completed",
      turns: 2,
      recordingOrigin: "https://recordings.test",
      presignedAt: Date.now(),
    });
    for (const { body } of deliveries) await deliver(api.url, Buffer.from(body));
    const stored = await ledger.sql`select event_id from processed_webhook_events
      where payload is not null order by event_id limit 3`;
    const [unreadable, strangers, deleted] = stored.map((row) => String(row.event_id));
    const nobodys = message("status-update", "call-1", { status: "in-progress" })
      .toString()
      .replaceAll(ASSISTANT, "nobody");
    const set = (id: string | undefined, payload: string | null) =>
      ledger.sql`update processed_webhook_events set payload = convert_to(${payload}, 'UTF8') where event_id = ${id ?? ""}`;
    await set(unreadable, "no JSON");
    await set(strangers, nobodys);
    await set(deleted, null);
    const [counted] = await ledger.sql`select count(*)::int as n from processed_webhook_events`;
    const { bearer } = await makeKey(ledger, { scopes: SCOPES });
    const range = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date().toISOString() };
    const { json } = await askApi(api, bearer, "POST", "/events/replay", range);
    const { replayed, duplicates, without_payload: without, ...others } = json;
    expect(others).toEqual({ applied: 0, observed: 0, quarantined: 1, unreadable: 1, next_cursor: null });
    expect(Number(replayed) + Number(without)).toBe(counted?.n);
    expect(replayed).toBe(Number(duplicates) + 2);
    const audit = await askApi(api, bearer, "GET", "/audit");
    const { next_cursor: _, ...counts } = json;
    expect(Object(audit.json.data)[0]).toMatchObject({
      action: "events.replayed",
      after: { ...range, ...counts },
    });
  } finally {
    await api.stop();
    await ledger.drop();
  }
});
