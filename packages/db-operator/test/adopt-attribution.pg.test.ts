import { expect, test } from "vitest";
import { A, AGENT_A, AGENT_B, B, contentOf, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ adopted: true });
const call = async (id: string) =>
  (await legacy.root`select * from calls where provider_call_id = ${id}`).map((row) => ({ ...row }))[0];
const left = async () =>
  (
    await legacy.root`select table_name || ' ' || row_id || ': ' || reason as line from adopted.unattributed order by 1`
  ).map(({ line }) => line);
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;
const tracked = (row: object) => legacy.add("call_tracking", { status: "completed", ...row });
const logged = (row: object) => legacy.add("call_logs", { status: "completed", ...row });

test("a row without an organization gets its agent's, or that of another row of the call", async () => {
  await tracked({ vapi_call_id: "by-agent", agent_id: AGENT_B });
  await tracked({ vapi_call_id: "by-row", org_id: A });
  await logged({ vapi_call_id: "by-row", transcript: "of the same call" });
  expect(legacy.counts(await legacy.adopt())).toMatchObject({ moved: 3, unattributed: 0 });
  expect([(await call("by-agent"))?.org_id, (await call("by-row"))?.org_id]).toEqual([B, A]);
  const [log] = await legacy.root`select org_id from call_logs where transcript = 'of the same call'`;
  expect(log?.org_id).toBe(A);
});

test("if two organizations are possible, all rows of the call stay behind", async () => {
  await tracked({ id: id(1), vapi_call_id: "contested", org_id: A });
  await logged({ id: id(2), vapi_call_id: "contested", org_id: B, transcript: "whose?" });
  await legacy.add("processed_webhook_events", {
    event_id: "ended:contested",
    call_id: "contested",
    event_type: "ended",
  });
  expect(legacy.counts(await legacy.adopt())).toEqual({ moved: 0, unattributed: 3, duplicates: 4, rows: 7 });
  expect(await call("contested")).toBeUndefined();
  expect(await left()).toEqual([
    `call_logs ${id(2)}: organization_conflict`,
    `call_tracking ${id(1)}: organization_conflict`,
    "processed_webhook_events 1: organization_conflict",
  ]);
});

test("the agent's row decides between two; the row of the other organization stays behind alone", async () => {
  await tracked({ vapi_call_id: "contested", org_id: A, agent_id: AGENT_A });
  await logged({ id: id(2), vapi_call_id: "contested", org_id: B, transcript: "of B" });
  await legacy.adopt();
  expect((await call("contested"))?.org_id).toBe(A);
  expect(await legacy.root`select from call_logs where transcript is not null`).toHaveLength(0);
  expect(await left()).toEqual([`call_logs ${id(2)}: organization_conflict`]);
});

test("a row without an owner stays behind until its organization is set", async () => {
  await logged({ id: id(1), vapi_call_id: "nobodys", org_id: id(99), transcript: "lost" });
  expect(legacy.counts(await legacy.adopt())).toEqual({ moved: 0, unattributed: 1, duplicates: 4, rows: 5 });
  expect(await left()).toEqual([`call_logs ${id(1)}: no_organization`]);

  await legacy.root`update adopted.call_logs set org_id = ${B} where id = ${id(1)}`;
  expect(legacy.counts(await legacy.adopt())).toEqual({ moved: 1, unattributed: 0, duplicates: 4, rows: 5 });
  expect((await call("nobodys"))?.org_id).toBe(B);
  expect(await left()).toEqual([]);
});

test("a call that the ledger has booked for one organization is not given to another", async () => {
  await tracked({ vapi_call_id: "first", org_id: A });
  await legacy.adopt();
  await logged({ id: id(2), vapi_call_id: "first", org_id: B, transcript: "of B" });
  const before = await contentOf(legacy.root);
  expect(legacy.counts(await legacy.adopt())).toMatchObject({ moved: 0, unattributed: 1 });
  expect(await contentOf(legacy.root)).toBe(before);
  expect(await left()).toEqual([`call_logs ${id(2)}: organization_conflict`]);
});
