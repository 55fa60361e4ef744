import { randomUUID } from "node:crypto";
import type { Prompt } from "@call-ledger/domain";
import { promptReference } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { createOrganizationFixture, deliveryToBook, inOrganization } from "../src/testing/index.ts";
import { known, nobody, OPTIONS, report, ringing, useLedger } from "../src/testing/ledger-under-test.ts";
import type { DeliveryToBook } from "../src/write/index.ts";
import { bookDeliveries, recordDeliveries, unpackPayload } from "../src/write/index.ts";

const ledger = useLedger();

const prompt = (letter: string): Prompt => ({
  hash: letter.repeat(22),
  text: `You answer the phone: ${letter}`,
});

function prompted(delivery: DeliveryToBook, ...prompts: Prompt[]): DeliveryToBook {
  const payload = JSON.stringify({ prompts: prompts.map(({ hash }) => promptReference(hash)) });
  return "events" in delivery.content
    ? { ...delivery, payload, content: { ...delivery.content, prompts } }
    : delivery;
}

const ofCall = (call: string) =>
  deliveryToBook(ledger.fixture, call, { account: 0, facts: known, event: ringing });
const textsOf = async (orgId: string) =>
  (await ledger.owner`select text from prompts where org_id = ${orgId} order by text`).map(
    ({ text }) => text,
  );
const hashesOf = async (call: string) =>
  (
    await ledger.owner`
      select p.hash from call_prompts p join calls c on c.org_id = p.org_id and c.id = p.call_id
      where c.provider_call_id = ${call} order by 1`
  ).map(({ hash }) => hash);

test("a prompt is stored once for an organization, and every call with it refers to it", async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await ledger.record(prompted(ofCall(one), prompt("A"), prompt("B")), prompted(ofCall(other), prompt("A")));
  await ledger.record(prompted(ofCall(one), prompt("A")));
  expect(await textsOf(ledger.fixture.orgId)).toEqual([prompt("A").text, prompt("B").text]);
  expect(await hashesOf(one)).toEqual([prompt("A").hash, prompt("B").hash]);
  expect(await hashesOf(other)).toEqual([prompt("A").hash]);

  const neighbour = await createOrganizationFixture(ledger.owner, 1);
  const delivery = inOrganization({ account: 0, facts: known, event: ringing }, 1);
  const theirs = prompted(deliveryToBook(neighbour, randomUUID(), delivery), prompt("A"));
  await recordDeliveries(ledger.pool, [theirs], OPTIONS);
  expect(await textsOf(neighbour.orgId)).toEqual([prompt("A").text]);
});

test("a prompt is deleted with the last call that refers to it", async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await ledger.record(prompted(ofCall(one), prompt("C")), prompted(ofCall(other), prompt("C"), prompt("D")));
  const remove = (call: string) => ledger.owner`delete from calls where provider_call_id = ${call}`;
  const kept = async () => (await textsOf(ledger.fixture.orgId)).filter((text) => /[CD]$/.test(text));
  await remove(one);
  expect(await kept()).toEqual([prompt("C").text, prompt("D").text]);
  await remove(other);
  expect(await kept()).toEqual([]);
});

test("a waiting delivery brings its prompts when it is booked", async () => {
  const call = randomUUID();
  const waiting = deliveryToBook(ledger.fixture, call, { account: 0, facts: nobody, event: report([]) });
  expect(await ledger.record(prompted(waiting, prompt("E")))).toEqual(["unknown_agent"]);
  expect(await textsOf(ledger.fixture.orgId)).not.toContain(prompt("E").text);
  await ledger.record(ofCall(call));
  expect(await textsOf(ledger.fixture.orgId)).toContain(prompt("E").text);
  expect(await hashesOf(call)).toEqual([prompt("E").hash]);
});

test("a delivery that the database refuses keeps its prompts in its payload", async () => {
  const facts = { ...known, customerNumber: "nul\u0000" };
  const poison = deliveryToBook(ledger.fixture, randomUUID(), { account: 0, facts, event: ringing });
  await bookDeliveries(ledger.pool, [prompted(poison, prompt("F"))], OPTIONS);
  const rows = await ledger.owner`select payload from quarantined_deliveries where reason = 'refused'`;
  expect(rows.map(({ payload }) => unpackPayload(payload))).toEqual([
    JSON.stringify({ prompts: [prompt("F").text] }),
  ]);
});

test("simultaneous batches with the same new prompts all succeed", async () => {
  const letters = [..."GHIJKLMNOPQRSTUVWXYZ"];
  const batches = Array.from({ length: 24 }, (_, place) =>
    letters.map((_one, index) =>
      prompted(ofCall(randomUUID()), prompt(letters.at((index + place) % letters.length) ?? "")),
    ),
  );
  const outcomes = await Promise.all(batches.map((batch) => recordDeliveries(ledger.pool, batch, OPTIONS)));
  expect(new Set(outcomes.flat().map(({ outcome }) => outcome))).toEqual(new Set(["applied"]));
  expect((await textsOf(ledger.fixture.orgId)).filter((text) => /[G-Z]$/.test(text))).toHaveLength(20);
});
