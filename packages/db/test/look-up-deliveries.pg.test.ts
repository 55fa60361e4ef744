import { expect, test } from "vitest";
import { openPool } from "../src/client/index.ts";
import { AT, ended, known, nobody, report, ringing, useLedger } from "../src/testing/ledger-under-test.ts";
import { areBooked } from "../src/write/index.ts";

const ledger = useLedger();

const OPTIONS = { deadlineMs: 10_000 };
const told = (...deliveries: Parameters<typeof areBooked>[1]) => areBooked(ledger.pool, deliveries, OPTIONS);
const claims = async () =>
  Number(
    (
      await ledger.owner`select count(*) from processed_webhook_events where provider_call_id = ${ledger.call}`
    )[0]?.count,
  );

test("booked deliveries are found, and others are neither found nor booked", async () => {
  const first = ledger.delivery(ringing);
  const last = ledger.delivery(ended);
  expect(await told(first)).toBe(false);
  expect(await claims()).toBe(0);
  await ledger.record(first);
  expect(await told(first)).toBe(true);
  expect(await told(first, last)).toBe(false);
  expect(await claims()).toBe(1);
  expect(await ledger.record(last)).toEqual(["applied"]);
  expect(await told(first, last, first)).toBe(true);
});

test("a call without an organization is not found while it waits in quarantine", async () => {
  const delivery = ledger.delivery(ringing, nobody);
  expect(await ledger.record(delivery)).toEqual(["unknown_agent"]);
  expect(await told(delivery)).toBe(false);
});

test("a later source of a recording is new, the same one is not", async () => {
  const source = (expiresAt: number) =>
    ledger.delivery(report([{ url: `https://r.test/a.wav?sig=${expiresAt}`, expiresAt }]));
  await ledger.record(source(AT + 1_000));
  expect(await told(source(AT + 1_000))).toBe(true);
  expect(await told(source(AT + 2_000))).toBe(false);
});

test("a delivery whose answer has to name the agent is not looked up", async () => {
  const delivery = ledger.delivery(ringing, known);
  await ledger.record(delivery);
  if (!("events" in delivery.content)) throw new Error("not bookable");
  const asking = { ...delivery, content: { ...delivery.content, wantsAgent: true } };
  expect(await told(asking)).toBe(false);
});

test("the payload is not read", async () => {
  const delivery = ledger.delivery(ringing);
  await ledger.record(delivery);
  const silent = {
    ...delivery,
    get payload(): string {
      throw new Error("asked for");
    },
  };
  expect(await told(silent)).toBe(true);
});

test("it only reads, on a connection that may write", async () => {
  const [asked] = await ledger.owner`
    select provolatile as volatile from pg_proc where oid = 'call_ledger.are_booked(jsonb)'::regprocedure`;
  expect(asked?.volatile).toBe("s");
});

test("without a database no delivery is found", async () => {
  const nowhere = openPool("postgres://nobody@127.0.0.1:1/none", { max: 1, name: "nowhere" });
  expect(await areBooked(nowhere, [ledger.delivery(ringing)], OPTIONS)).toBe(false);
  await nowhere.close(0);
});
