import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import { eventId } from "@call-ledger/domain";
import { sha256 } from "@call-ledger/providers";
import { vapi, vapiCredential } from "@call-ledger/providers/testing/vapi";
import { afterEach, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

const SECRET = "a secret of this test";
type Reply = { readonly status: number; readonly body: unknown };

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Starts a server that answers every POST with `reply`, and returns its address. */
async function serverThat(reply: (request: IncomingMessage, body: Uint8Array) => Reply): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { status, body } = reply(request, Buffer.concat(chunks));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/**
 * Returns a fake of the server as far as the program can see it: it verifies, reads, and recognises a repeated event.
 */
function ledger() {
  const known = new Set<string>();
  const paths = new Set<string | undefined>();
  const calls = new Set<string>();
  const reply = (request: IncomingMessage, body: Uint8Array): Reply => {
    paths.add(request.url);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const signed = { method: "POST", url: "", headers, body };
    if (!vapiCredential(SECRET, "hmac").verify(signed, Date.now()).verified)
      return { status: 401, body: { title: "Unauthorized" } };
    const read = vapi.read(body);
    if (read.reads !== "call") return { status: 500, body: {} };
    calls.add(read.providerCallId);
    const origin = { provider: "vapi", accountId: "a", providerCallId: read.providerCallId };
    const ids = read.events.map((event) => eventId(origin, read.facts, event, sha256));
    const isNew = ids.some((id) => !known.has(id));
    for (const id of ids) known.add(id);
    if (read.question !== null) return { status: 200, body: vapi.answer(read.question, null) };
    return { status: 200, body: { received: true, outcome: isNew ? "applied" : "duplicate", eventIds: ids } };
  };
  return { reply, known, paths, calls };
}

const wordsOf = (url: string) => ["simulate", "--url", url, "--secret", SECRET, "--assistant", "asst-1"];
const simulate = (url: string, ...args: string[]) => callOps([...wordsOf(url), ...args]);

type Sent = { readonly type: string; readonly status: number; readonly outcome: string };
const count = (sent: readonly Sent[], outcome: string) =>
  sent.filter((one) => one.outcome === outcome).length;

test("sends a whole signed call, in order, and prints the results", async () => {
  const { reply, calls, paths } = ledger();
  const finished = await runOps([...wordsOf(await serverThat(reply)), "--json"]);
  expect([finished.code, finished.stderr]).toEqual([0, ""]);
  const { call_id, seed, deliveries } = documentOf(finished);
  expect([...calls]).toEqual([call_id]);
  expect([...paths]).toEqual(["/api/webhooks/vapi"]);
  expect(Math.abs(Date.now() - seed)).toBeLessThan(60_000);
  expect(deliveries.slice(0, 2)).toEqual(
    ["status-update", "status-update"].map((type) => ({ type, status: 200, outcome: "applied" })),
  );
  expect(deliveries.at(-1)).toEqual({ type: "end-of-call-report", status: 200, outcome: "applied" });
  expect(count(deliveries, "duplicate")).toBe(0);
});

test("the call of the default seed has just ended", async () => {
  const ends: number[] = [];
  const url = await serverThat((_request, body) => {
    const { message } = JSON.parse(new TextDecoder().decode(body));
    if (message.type === "end-of-call-report") ends.push(Date.parse(message.endedAt));
    return { status: 200, body: { received: true, outcome: "applied" } };
  });
  await simulate(url, "--json");
  expect(Date.now() - (ends[0] ?? 0)).toBeLessThan(60_000);
});

test("the same seed gives the same call: the second time all deliveries are duplicates", async () => {
  const { reply } = ledger();
  const url = await serverThat(reply);
  const first = documentOf(await simulate(url, "--seed", "7", "--json"));
  const second = documentOf(await simulate(url, "--seed", "7", "--json"));
  expect(second.call_id).toBe(first.call_id);
  expect(count(second.deliveries, "applied")).toBe(0);
  expect(documentOf(await simulate(url, "--seed", "8", "--json")).call_id).not.toBe(first.call_id);
});

test("repetitions are new requests with the same events, also shuffled", async () => {
  const { reply, known } = ledger();
  const url = await serverThat(reply);
  const once = documentOf(await simulate(url, "--seed", "9", "--json")).deliveries;
  const events = known.size;
  known.clear();
  const { deliveries } = documentOf(
    await simulate(url, "--seed", "9", "--repeat", "3", "--shuffle", "--json"),
  );
  expect(deliveries).toHaveLength(once.length * 3);
  expect(known.size).toBe(events);
  expect(count(deliveries, "applied")).toBe(count(once, "applied"));
  expect(count(deliveries, "duplicate")).toBe(count(once, "applied") * 2);
  expect(deliveries.slice(0, 3).every((one: Sent) => one.type === "status-update")).toBe(false);
});

test("the older form, an account's own endpoint, another outcome", async () => {
  const { reply, paths } = ledger();
  const url = `${await serverThat(reply)}/prefix/api/webhooks/vapi/account-1`;
  const { deliveries } = documentOf(await simulate(url, "--flat", "--outcome", "no_answer", "--json"));
  expect(deliveries.map(({ type }: Sent) => type)).toEqual([
    "call.started",
    "call.ended",
    "end-of-call-report",
  ]);
  expect([...paths]).toEqual(["/prefix/api/webhooks/vapi/account-1"]);
});

test("the text has a line per delivery, the seed, and the next step", async () => {
  const { reply, calls } = ledger();
  const url = await serverThat(reply);
  const { code, stdout, stderr } = await simulate(url, "--seed", "11");
  const [callId] = calls;
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n")[0]).toBe(`An inbound call, completed: ${callId} (seed 11)`);
  expect(stdout).toMatch(/\n200 {2}applied {6}status-update in-progress\n/);
  expect(stdout).toContain(`The call in the console: ${url}/calls/${callId}\n`);
});

test("many calls have consecutive seeds, and a line each", async () => {
  const { reply, calls } = ledger();
  const url = await serverThat(reply);
  const { code, stdout } = await simulate(url, "--seed", "11", "--calls", "3");
  expect(code).toBe(0);
  const lines = [...calls].map((callId, place) => `${callId} (seed ${11 + place}): `);
  expect(stdout.split("\n").slice(0, 4)).toEqual([
    ...lines.map((line) =>
      expect.stringMatching(`^${line.replaceAll(/[()]/g, "\\$&")}\\d+ deliveries: \\d+ applied`),
    ),
    "3 calls.",
  ]);
  const { calls: again } = documentOf(await simulate(url, "--seed", "11", "--calls", "3", "--json"));
  expect(again.map(({ call_id }: { call_id: string }) => call_id)).toEqual([...calls]);
});

test("a refusal is exit code 1, with its likely reason", async () => {
  const { reply } = ledger();
  const url = await serverThat(reply);
  const args = ["simulate", "--url", url, "--secret", "another-secret", "--assistant", "asst-1"];
  const json = await callOps([...args, "--json"]);
  expect(json.code).toBe(1);
  expect(
    new Set(documentOf(json).deliveries.map(({ status, outcome }: Sent) => `${status} ${outcome}`)),
  ).toEqual(new Set(["401 null"]));
  const human = await callOps(args);
  expect(human.code).toBe(1);
  expect(human.stdout).toContain("401: The server has another secret, or accepts another proof");
  expect(human.stdout).not.toContain("in the console");
  for (const { stdout, stderr } of [json, human]) expect(stdout + stderr).not.toContain("another-secret");
});

test("one refused delivery fails the command, and the other deliveries are still sent", async () => {
  const { reply } = ledger();
  let requests = 0;
  const url = await serverThat((request, body) => {
    requests += 1;
    return requests === 2 ? { status: 503, body: {} } : reply(request, body);
  });
  const { code, stdout } = await simulate(url, "--json");
  const { deliveries } = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(deliveries).toHaveLength(requests);
  expect(deliveries[1]).toEqual({ type: "status-update", status: 503, outcome: null });
});

test("a quarantined call counts as accepted and is explained", async () => {
  const body = { received: true, outcome: "quarantined", reason: "unknown_agent" };
  let requests = 0;
  const url = await serverThat(() => {
    requests += 1;
    return requests === 4 ? { status: 200, body: { results: [] } } : { status: 202, body };
  });
  const { code, stdout } = await simulate(url);
  expect(code).toBe(0);
  expect(stdout).toContain(`The deliveries in the console: ${url}/operator/quarantine\n`);
  expect(stdout).toContain("Quarantined, because no agent has this assistant yet");
});

test("without --secret the secret of the environment is used", async () => {
  const { reply } = ledger();
  const args = ["simulate", "--url", await serverThat(reply), "--assistant", "asst-1", "--json"];
  expect((await callOps(args, { VAPI_WEBHOOK_SECRET: `${SECRET},the old one` })).code).toBe(0);
});

test("a secret may begin with a dash", async () => {
  const url = await serverThat(ledger().reply);
  const { code, stderr } = await callOps([
    "simulate",
    "--secret",
    "-x",
    "--url",
    url,
    "--assistant",
    "asst-1",
  ]);
  expect([code, stderr]).toEqual([1, ""]);
});

test("an unreachable server is exit code 3, and the secret is not printed", async () => {
  const url = await serverThat(() => ({ status: 200, body: {} }));
  for (const stop of stops.splice(0)) stop();
  const { code, stdout, stderr } = await simulate(url, "--json");
  expect(code).toBe(3);
  expect(stderr).toBe(`Nothing answers at ${url} (ECONNREFUSED). Is the server running?\n`);
  expect(JSON.parse(stdout)).toEqual({ error: stderr.trimEnd(), exit_code: 3 });
});
