import { unpackPayload } from "@call-ledger/db/write";
import { providerFor } from "@call-ledger/providers";
import { beforeAll, expect, test } from "vitest";
import { prepareBooking } from "./prepare-booking.ts";
import { hasManyParts, readingAside } from "./read-aside.ts";
import { readDelivery } from "./read-delivery.ts";

const CHANNELS = ["mono"] as const;
const HEADER = {
  provider: "vapi",
  accountId: "account",
  receivedAt: Date.UTC(2026, 2, 12),
  providerDeliveryId: "d",
};

const verified = (text: string) => ({ ...HEADER, body: new TextEncoder().encode(text) });
const message = (fields: object) => JSON.stringify({ message: { call: { id: "call" }, ...fields } });

const read = readingAside(CHANNELS, 5);

/** Waits for the thread. On a busy machine its start takes longer than a sender waits. */
beforeAll(async () => {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const isThere = await read(verified(message({ type: "hang" })), 0).then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
});

const BODIES: readonly [string, string][] = [
  [
    "a report with recordings",
    message({
      type: "end-of-call-report",
      endedReason: "customer-ended-call",
      transcript: "é".repeat(100_000),
      recordingUrl: "https://recordings.example.test/a.wav?signature=b",
    }),
  ],
  [
    "a question",
    message({ type: "tool-calls", toolCallList: [{ id: "a", name: "book" }], pad: "x".repeat(70_000) }),
  ],
  ["chatter", message({ type: "speech-update", pad: "x".repeat(70_000) })],
  ["no call", message({ type: "hang", call: {}, pad: "x".repeat(70_000) })],
  ["no JSON", '{"a": '.repeat(20_000)],
  ["nothing", ""],
];

test.each(BODIES)("%s is read in the thread with the same result as here", async (_, text) => {
  const adapter = providerFor("vapi");
  if (adapter === null) throw new Error("no adapter");
  const { type, question, delivery } = readDelivery(adapter, verified(text));
  const here = delivery && prepareBooking(delivery, { channels: CHANNELS });
  const aside = await read(verified(text), 0);
  expect({ type: aside.type, question: aside.question }).toEqual({ type, question });
  expect(aside.prepared).toEqual(here && { ...here, referable: null });
  if (aside.prepared !== null) {
    expect(Buffer.isBuffer(aside.prepared.packed)).toBe(true);
    expect(unpackPayload(aside.prepared.packed)).toBe(delivery?.payload);
  }
});

test("a thread that ends without an answer leaves the body to a later attempt", async () => {
  // The heap has 4 MB, in which the thread's program has no room.
  const cramped = readingAside(CHANNELS, -3.5);
  const reading = cramped(verified(message({ type: "hang" })), 0);
  await expect(reading).rejects.toMatchObject({ name: "LedgerUnavailable", code: "THREAD_LOST" });
});

test("a body has many parts because of its content, not because of its size", () => {
  const turn = {
    role: "bot",
    message: "Hello, how are you?",
    time: 1_700_000_000_000,
    secondsFromStart: 1.5,
  };
  const turns = Array.from({ length: 280 }, () => turn);
  const of = (text: string) => hasManyParts(new TextEncoder().encode(text));
  expect([of(message({ messages: turns })), of(message({ transcript: "Hello ".repeat(5_000) }))]).toEqual([
    false,
    false,
  ]);
  for (const unit of ["{}", "[]", "0", '"a"', '{"a":0}']) {
    expect(of(`{"message":{"messages":[${`${unit},`.repeat(32_000 / (unit.length + 1))}0]}}`), unit).toBe(
      true,
    );
  }
});

test("a body is transferred to the thread, except if it shares its memory", async () => {
  const own = verified(message({ type: "hang" }));
  const shared = { ...own, body: new Uint8Array(own.body.buffer.slice(0), 0, own.body.length - 1) };
  await read(own, 0);
  await read(shared, 0);
  expect([own.body.length, shared.body.length]).toEqual([0, message({ type: "hang" }).length - 1]);
});

test("this thread is not blocked while a body is read in the other thread", async () => {
  const keys = Array.from({ length: 8_000 }, (_, place) => `"apiKey${place}":"x"`).join();
  const answer = read(verified(`{"message":{"type":"hang","call":{"id":"c"},"x":{${keys}}}}`), 0);
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  answer.then(over, over);
  let turns = 0;
  for (; !isOver; turns += 1) await new Promise(setImmediate);
  expect(turns).toBeGreaterThan(20);
  expect((await answer).type).toBe("hang");
});
