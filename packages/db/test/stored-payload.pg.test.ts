import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { findWaiting, openAdministration } from "../src/access/index.ts";
import { openReader, readStoredEvent } from "../src/read/index.ts";
import { PLATFORM_ACCOUNT } from "../src/testing/index.ts";
import { ended, known, nobody, OPTIONS, ringing, useLedger } from "../src/testing/ledger-under-test.ts";
import type { DeliveryToBook, PayloadReferences } from "../src/write/index.ts";
import { payloadReferences, recordDeliveries, referenceOf } from "../src/write/index.ts";

const ledger = useLedger();

const saying = (delivery: DeliveryToBook, word: string): DeliveryToBook => ({
  ...delivery,
  payload: JSON.stringify({ word, assistant: "You answer the telephone. ".repeat(20) }),
});
const record = async (references: PayloadReferences, ...deliveries: DeliveryToBook[]) => {
  const outcomes = await recordDeliveries(ledger.pool, deliveries, { ...OPTIONS, references });
  return outcomes.map(({ outcome, reason }) => reason ?? outcome);
};

/** The events of this test's call in the order of their times: how each payload is packed, and its text. */
async function stored(): Promise<(readonly [string, string | null])[]> {
  const rows = await ledger.owner`
    select event_id, payload from processed_webhook_events
    where provider_call_id = ${ledger.call} and payload is not null order by occurred_at`;
  const { orgId } = ledger.fixture;
  const reader = openReader(ledger.db.appUrl, { max: 1, name: "reader" });
  const found = await Promise.all(
    rows.map(async ({ event_id, payload }) => {
      const event = await reader.as(orgId, (db) => readStoredEvent(db, orgId, event_id));
      const word: string | null = event?.payload == null ? null : JSON.parse(event.payload).word;
      return [referenceOf(payload) === null ? "alone" : "together", word] as const;
    }),
  );
  await reader.pool.close(1_000);
  return found;
}

test("a later payload of a call is packed with the previous one, and read with it", async () => {
  const references = payloadReferences(10_000);
  await record(references, saying(ledger.delivery(ringing), "first"));
  await record(references, saying(ledger.delivery(ended), "second"));
  expect(await stored()).toEqual([
    ["alone", "first"],
    ["together", "second"],
  ]);
});

test("a payload refers only to payloads that this process saw committed", async () => {
  const references = payloadReferences(10_000);
  await record(payloadReferences(10_000), saying(ledger.delivery(ringing), "another process's"));
  // A repetition, whose own bytes are not stored.
  expect(await record(references, saying(ledger.delivery(ringing), "again"))).toEqual(["duplicate"]);
  await record(references, saying(ledger.delivery(ended), "second"));
  expect(await stored()).toEqual([
    ["alone", "another process's"],
    ["alone", "second"],
  ]);
});

test("payloads of one batch do not refer to one another, because some may be repetitions", async () => {
  const references = payloadReferences(10_000);
  await record(
    references,
    saying(ledger.delivery(ringing), "first"),
    saying(ledger.delivery(ended), "second"),
  );
  expect((await stored()).map(([how]) => how)).toEqual(["alone", "alone"]);
});

test("no payload refers to a quarantined one", async () => {
  const references = payloadReferences(10_000);
  const unknown = { ...nobody, providerAgentId: "asst-unknown" };
  expect(await record(references, saying(ledger.delivery(ringing, unknown), "first"))).toEqual([
    "unknown_agent",
  ]);
  await record(references, saying(ledger.delivery(ended, known), "second"));
  expect(await stored()).toEqual([
    ["alone", "first"],
    ["alone", "second"],
  ]);
});

test("a payload whose reference was deleted is not read as another one", async () => {
  const references = payloadReferences(10_000);
  await record(references, saying(ledger.delivery(ringing), "first"));
  await record(references, saying(ledger.delivery(ended), "second"));
  await ledger.owner`update processed_webhook_events set payload = null
    where provider_call_id = ${ledger.call} and get_byte(payload, 0) = 1`;
  expect(await stored()).toEqual([["together", null]]);
});

test("the operator reads a quarantined payload that refers to a booked one", async () => {
  const references = payloadReferences(10_000);
  const orgId = randomUUID();
  await ledger.owner`insert into organizations (id, name) values (${orgId}, 'other')`;
  await ledger.owner`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${orgId}, ${PLATFORM_ACCOUNT}, 'asst-elsewhere')`;
  await record(references, saying(ledger.delivery(ringing), "first"));
  const elsewhere = { ...nobody, providerAgentId: "asst-elsewhere" };
  expect(await record(references, saying(ledger.delivery(ended, elsewhere), "theirs"))).toEqual([
    "organization_conflict",
  ]);
  const [row] =
    await ledger.owner`select id, payload from quarantined_deliveries where provider_call_id = ${ledger.call}`;
  expect(referenceOf(row?.payload)).not.toBeNull();
  const { asOperator, pool } = openAdministration(ledger.db.ownerUrl, { max: 1, name: "operator" });
  const read = async () => (await asOperator((db) => findWaiting(db, row?.id)))?.payload;
  expect(JSON.parse((await read())?.payload ?? "").word).toBe("theirs");
  await ledger.owner`update processed_webhook_events set payload = null where provider_call_id = ${ledger.call}`;
  expect((await read())?.payload).toBeNull();
  await pool.close(1_000);
});
