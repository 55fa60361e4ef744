import { request } from "node:https";
import type { SimulatedCall } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import { afterEach, expect, test } from "vitest";
import { selfSigned } from "../src/http/index.ts";
import type { FakeVapi, FakeVapiOptions } from "../src/vapi/index.ts";
import { fakeVapi, snapshotsOf } from "../src/vapi/index.ts";

/*
 * Other tests rely on the answers of the fake, so each of its answers is tested here.
 */

const certificate = selfSigned("localhost");
const NOON = Date.UTC(2026, 8, 14, 12);
const MINUTE = 60_000;
let now = NOON;
let vapi: FakeVapi;

afterEach(() => vapi.stop());

async function start(options: Partial<FakeVapiOptions> = {}) {
  now = NOON;
  vapi = await fakeVapi({ certificate, apiKey: "private", now: () => now, ...options });
}

type Answer = { status: number; location: string | undefined; retryAfter: string | undefined; body: Buffer };

function ask(path: string, { key = "private", method = "GET", body = "" } = {}): Promise<Answer> {
  const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
  return new Promise((resolve, reject) => {
    const asking = request(new URL(path, vapi.url), { ca: certificate.cert, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.once("end", () => {
        const { location, "retry-after": retryAfter } = response.headers;
        resolve({ status: response.statusCode ?? 0, location, retryAfter, body: Buffer.concat(chunks) });
      });
    });
    asking.once("error", reject);
    asking.end(body);
  });
}

const json = async (path: string) => JSON.parse((await ask(path)).body.toString());
const idsIn = async (path: string) => (await json(path)).map(({ id }: { id: string }) => id);

function call(seed: number, startedAt = NOON): SimulatedCall {
  const simulated = simulateCall({ seed, assistantId: "one", startedAt, turns: 2, outcome: "completed" });
  vapi.keep(simulated.callId, snapshotsOf(simulated));
  return simulated;
}

test("a call by its id has its current state, and after its report the content of the report", async () => {
  await start();
  const { callId, endedAt, costUsd, deliveries } = call(1);
  const reportedAt = deliveries.at(-1)?.atMs ?? 0;
  expect(await json(`/call/${callId}`)).toMatchObject({ id: callId, status: "queued", assistantId: "one" });
  now = endedAt;
  expect(await json(`/call/${callId}`)).toMatchObject({ status: "ended", endedReason: expect.any(String) });
  expect((await json(`/call/${callId}`)).artifact).toBeUndefined();
  now = reportedAt;
  expect(await json(`/call/${callId}`)).toMatchObject({
    cost: costUsd,
    artifact: { transcript: expect.stringContaining("AI:") },
    updatedAt: new Date(reportedAt).toISOString(),
  });
  expect((await ask("/call/none")).status).toBe(404);
});

test("the list lags behind by the set time of each call", async () => {
  await start({ lagMs: () => 90_000 });
  const { callId } = call(1);
  expect(await idsIn("/call")).toEqual([]);
  expect((await ask(`/call/${callId}`)).status).toBe(200);
  now = NOON + 90_000;
  expect((await json("/call"))[0].status).toBe("queued");
  now = NOON + 30 * MINUTE;
  expect((await json("/call"))[0].status).toBe("ended");
});

test("the list has a limit, and bounds that include or exclude their ends", async () => {
  await start();
  const ids = [0, 1, 2, 3].map((n) => call(n, NOON - n * MINUTE).callId);
  expect(await idsIn("/call?limit=3")).toEqual(ids.slice(0, 3));
  const at = (n: number) => new Date(NOON - n * MINUTE).toISOString();
  expect(await idsIn(`/call?createdAtGe=${at(2)}&createdAtLt=${at(0)}`)).toEqual([ids[1], ids[2]]);
  expect(await idsIn(`/call?createdAtGt=${at(2)}&createdAtLe=${at(0)}`)).toEqual([ids[0], ids[1]]);
  expect(await idsIn(`/call?updatedAtGt=${at(-1)}`)).toEqual([]);
  expect((await ask("/call?limit=1001")).status).toBe(400);
});

test("the order of the list can be changed", async () => {
  await start({ order: "oldest" });
  const ids = [0, 1, 2].map((n) => call(n, NOON - n * MINUTE).callId);
  expect(await idsIn("/call")).toEqual(ids.toReversed());
});

test("too many requests get 429 and the seconds to wait", async () => {
  await start({ rate: { requests: 2, perMs: 5_000 } });
  const statuses = [await ask("/call"), await ask("/call"), await ask("/call")];
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(statuses[2]?.retryAfter).toBe("5");
  now += 5_000;
  expect((await ask("/call")).status).toBe(200);
});

test("a call beyond the retention is in no list, and its id gets 400", async () => {
  await start();
  const { callId } = call(1, NOON - 15 * 86_400_000);
  expect(await idsIn("/call")).toEqual([]);
  const { status, body } = await ask(`/call/${callId}`);
  expect(status).toBe(400);
  expect(body.toString()).toContain("14 days");
});

test("a deleted call is gone", async () => {
  await start();
  const { callId } = call(1);
  vapi.forget(callId);
  expect((await ask(`/call/${callId}`)).status).toBe(404);
});

test("another key is refused", async () => {
  await start();
  expect((await ask("/call", { key: "public" })).status).toBe(401);
  expect((await ask("/call", { key: "" })).status).toBe(401);
});

test("a recording redirects to a signed link, which is valid for half an hour and for this recording only", async () => {
  await start();
  const { callId } = call(1);
  expect((await ask(`/call/${callId}/mono-recording`)).status).toBe(404);
  now = NOON + 30 * MINUTE;
  const { status, location = "" } = await ask(`/call/${callId}/mono-recording`);
  expect(status).toBe(302);
  const recording = await ask(location, { key: "" });
  expect([recording.status, recording.body.subarray(0, 4).toString()]).toEqual([200, "RIFF"]);
  const unsigned = await ask(location.replace(/\?.*/, ""), { key: "" });
  expect([unsigned.status, unsigned.body.toString()]).toEqual([
    400,
    expect.stringContaining("InvalidArgument"),
  ]);
  expect((await ask(location.replace("-mono", "-stereo"), { key: "" })).status).toBe(403);
  now += 31 * MINUTE;
  expect((await ask(location, { key: "" })).status).toBe(403);
});

test("assistants and phone numbers are listed and changed", async () => {
  await start();
  const { assistant, "phone-number": numbers } = vapi.settings;
  assistant.set("one", { name: "front desk", server: { url: "https://old.test" } });
  numbers.set("number", { provider: "twilio", number: "+12025550123", assistantId: "one" });
  const body = JSON.stringify({ server: { url: "https://new.test" } });
  expect((await ask("/assistant/one", { method: "PATCH", body })).status).toBe(200);
  expect(await json("/assistant")).toEqual([
    { id: "one", name: "front desk", server: { url: "https://new.test" } },
  ]);
  expect(await json("/phone-number/number")).toMatchObject({ assistantId: "one" });
  expect((await ask("/assistant/two")).status).toBe(404);
  expect((await ask("/assistant?limit=1001")).status).toBe(400);
  const squad = (provider: object) => ({
    method: "PATCH",
    body: JSON.stringify({ squadId: "s", ...provider }),
  });
  expect((await ask("/phone-number/number", squad({}))).status).toBe(400);
  expect((await ask("/phone-number/number", squad({ provider: "twilio" }))).status).toBe(200);
  expect(await json("/phone-number/number")).toMatchObject({ assistantId: "one", squadId: "s" });
});

test("squads, the organization and credentials without secrets are answered if the key may read them", async () => {
  await start();
  const { squad, credential, org, forbidden } = vapi.settings;
  squad.set("s", { members: [{ assistantId: "one" }] });
  credential.set("c", { authenticationPlan: { type: "hmac", algorithm: "sha256", secretKey: "secret" } });
  org.set("o", { server: { url: "https://a.test" } });
  expect(await json("/squad")).toEqual([{ id: "s", members: [{ assistantId: "one" }] }]);
  expect(await json("/credential")).toEqual([
    { id: "c", authenticationPlan: { type: "hmac", algorithm: "sha256" } },
  ]);
  await ask("/org/o", { method: "PATCH", body: JSON.stringify({ server: { url: "https://b.test" } }) });
  expect(await json("/org")).toEqual({ id: "o", server: { url: "https://b.test" } });
  forbidden.add("org");
  expect((await ask("/org")).status).toBe(403);
});

test("the fake keeps each request with its answer", async () => {
  await start();
  await ask("/call?limit=1");
  await ask("/nothing");
  expect(vapi.requests).toEqual([
    { method: "GET", path: "/call?limit=1", status: 200 },
    { method: "GET", path: "/nothing", status: 404 },
  ]);
});
