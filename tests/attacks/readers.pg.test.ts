import { setTimeout as delay } from "node:timers/promises";
import { makeKey } from "@call-ledger/api/testing/access";
import { deliver, message } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { askApi } from "@call-ledger/api/testing/people";
import { SCOPES } from "@call-ledger/domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedApi } from "./attacked-api.ts";
import { startAttacked } from "./attacked-api.ts";

/** An organization may fill the largest bodies with any content, and then read it as often as its key allows. */

/** An attempt fails if other programs slow the machine down. A fault fails each attempt. */
const LONG = { timeout: 120_000, retry: 2 };
const BODY_BYTES = 4_600_000;
const READERS = 60;
const MAX_LIVE_MS = 4_000;
const MAX_STOP_MS = 100;
const MAX_RSS_MB = 490;
const MAX_ANSWER_BYTES = 20_000_000;

let ledger: TestLedger;
let api: AttackedApi;
let bearer: { readonly authorization: string };

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  ({ bearer } = await makeKey(ledger, { scopes: SCOPES }));
  // In tests each answer is compared with the contract, which takes longer than to make it.
  api = await startAttacked(ledger.database.appUrl, { NODE_ENV: "production" });
});

afterAll(async () => {
  await api.kill();
  await ledger.drop();
});

const repeated = (unit: string, bytes = BODY_BYTES) => unit.repeat(bytes / unit.length);
const ofNumbers = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`key${place}`, value]));

const REPORTS: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  lines: () => ({ artifact: { transcript: repeated("AI: a\nUser: b\n", BODY_BYTES * 0.8) } }),
  messages: () => ({ messages: Array.from({ length: 59_000 }, () => ({ role: "bot", message: "hello" })) }),
  results: () => ({
    messages: Array.from({ length: 20_000 }, (_, place) => ({
      role: place % 2 === 0 ? "tool_calls" : "tool_call_result",
      toolCallId: `t${place - 1}`,
      toolCalls: [{ id: `t${place}`, function: { name: "f" } }],
    })),
  }),
  costs: () => ({ costBreakdown: ofNumbers(100_000, 0.1) }),
  analysis: () => ({ analysis: { structuredData: ofNumbers(100_000, "value") } }),
  summary: () => ({ analysis: { summary: repeated("word ") } }),
};

async function sendReport(id: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  // A thread that is still starting answers 503, and so does a machine too busy for such a report.
  const send = async () => (await deliver(api.url, message("end-of-call-report", id, fields))).status;
  await expect.poll(send, { timeout: 90_000 }).toBe(200);
}

/** Sends a request many times at once. Expects that the process lives, and answers others meanwhile. */
async function expectBearable(path: string, init: RequestInit = {}): Promise<void> {
  let isOver = false;
  const watched = (async () => {
    while (!isOver) {
      const live = await fetch(`${api.url}/health/live`, { signal: AbortSignal.timeout(MAX_LIVE_MS) });
      await live.text();
      expect(api.rssMb(), path).toBeLessThan(MAX_RSS_MB);
      await delay(50);
    }
  })();
  const sizes = await Promise.all(
    Array.from({ length: READERS }, async () => {
      const response = await fetch(`${api.url}/api/v1${path}`, {
        ...init,
        headers: { ...bearer, "content-type": "application/json" },
      });
      expect([200, 429, 503], path).toContain(response.status);
      return [response.status, (await response.arrayBuffer()).byteLength] as const;
    }),
  ).finally(() => {
    isOver = true;
  });
  await watched;
  expect(api.hasEnded(), path).toBe(false);
  expect(
    sizes.some(([status]) => status === 200),
    path,
  ).toBe(true);
  expect(Math.max(...sizes.map(([, bytes]) => bytes)), path).toBeLessThan(MAX_ANSWER_BYTES);
}

test.each(Object.keys(REPORTS))(
  "a report of many %s can be read by many at once",
  async (name) => {
    await sendReport(name, REPORTS[name]?.() ?? {});
    await expectBearable(`/calls/${name}`);
  },
  120_000,
);

/** The least of three, because other programs take longer turns than a body that is read as it should be. */
async function minStopMs(path: string, headers: typeof bearer): Promise<number> {
  const stops: number[] = [];
  for (let asked = 0; asked < 3; asked += 1) {
    await api.longestStopMs();
    const response = await fetch(`${api.url}/api/v1${path}`, { headers });
    await response.text();
    expect(response.status, path).toBe(200);
    stops.push(await api.longestStopMs());
  }
  return Math.min(...stops);
}

/** The form that takes the longest to parse and to write. No more keys are read. */
const KEYS = ofNumbers(145_000, "v");
const TOOL_CALL = { id: "a", function: { name: "book", arguments: KEYS } };

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["analysis", { analysis: { structuredData: KEYS } }],
  ["cost", { costBreakdown: KEYS }],
  ["message", { messages: [{ role: "tool_calls", toolCalls: [TOOL_CALL] }] }],
])("a call of 145,000 keys in its %s stops the event loop for no reader", async (name, fields) => {
  await sendReport(`keys-${name}`, fields);
  expect(await minStopMs(`/calls/keys-${name}`, bearer), "the call").toBeLessThan(MAX_STOP_MS);
  const timeline = await askApi(api, bearer, "GET", `/calls/keys-${name}/timeline`);
  const [event] = timeline.json.data as { readonly id: string }[];
  const path = `/events/${encodeURIComponent(event?.id ?? "")}/payload`;
  expect(await minStopMs(path, bearer), "the payload").toBeLessThan(MAX_STOP_MS);
});

test("a delivery in quarantine stops the event loop for no operator", async () => {
  const operator = (await makeKey(ledger, { orgId: null })).bearer;
  const many = JSON.stringify(KEYS);
  const bodies = [
    `{"message":{"type":"end-of-call-report","call":{"id":"nobody's","assistantId":"x"},"x":${many}}}`,
    `{"message":{"type":"hang","x":[${"[],".repeat(1_000_000)}0]}}`,
  ];
  for (const body of bodies) expect((await deliver(api.url, Buffer.from(body))).status).toBe(202);
  const waiting = await askApi(api, operator, "GET", "/quarantine");
  for (const { id } of waiting.json.data as { readonly id: string }[]) {
    expect(await minStopMs(`/quarantine/${id}`, operator)).toBeLessThan(MAX_STOP_MS);
  }
});

test("a call of many large prompts can be read by many at once", LONG, async () => {
  for (let place = 0; place < 12; place += 1) {
    const content = `${place} ${repeated("be kind ")}`;
    await sendReport("prompts", {
      artifact: { messages: [{ role: "system", message: content }], transcript: `AI: ${place}` },
    });
  }
  await expectBearable("/calls/prompts");
});

test("many large deliveries can be read again by many at once", LONG, async () => {
  const body = JSON.stringify({ from: "2020-01-01T00:00:00Z", to: "2090-01-01T00:00:00Z", limit: 500 });
  await expectBearable("/events/replay", { method: "POST", body });
});
