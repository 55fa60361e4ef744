import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { makeKey } from "@call-ledger/api/testing/access";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedApi } from "./attacked-api.ts";
import { startAttacked } from "./attacked-api.ts";

/** On a busy machine. An answer within it shows that the process goes on. */
const MAX_LIVE_MS = 20_000;
const MAX_RSS_MB = 400;
/** What 3,000 connections take: 200 MB without a limit, 60 to 80 with it. */
const MAX_WAITING_MB = 150;
const LASTS_MS = 4_000;

let ledger: TestLedger;
let api: AttackedApi;

beforeAll(async () => {
  ledger = await testLedger();
  api = await startAttacked(ledger.database.appUrl);
});

afterAll(async () => {
  await api.kill();
  await ledger.drop();
});

/** Each connection names an address of its own, because most limits are by address. */
function head(line: string, place: number, headers: readonly string[]): string {
  const address = `x-forwarded-for: 10.${place >> 16}.${(place >> 8) & 255}.${place & 255}`;
  return [`${line} HTTP/1.1`, "host: ledger", address, ...headers].join("\r\n").concat("\r\n\r\n");
}

/** Opens connections that send what `write` writes and read none of the answers, and keeps them for some seconds. */
async function expectAlive(
  connections: number,
  write: (socket: Socket, place: number) => void,
): Promise<void> {
  const port = Number(new URL(api.url).port);
  const sockets = Array.from({ length: connections }, (_, place) => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    socket.pause();
    write(socket, place);
    return socket;
  });
  const until = performance.now() + LASTS_MS;
  while (performance.now() < until) {
    const response = await fetch(`${api.url}/health/live`, { signal: AbortSignal.timeout(MAX_LIVE_MS) });
    expect(response.status).toBe(200);
    await response.text();
    await delay(100);
  }
  expect(api.hasEnded()).toBe(false);
  expect(api.rssMb()).toBeLessThan(MAX_RSS_MB);
  for (const socket of sockets) socket.destroy();
}

test("unfinished bodies of the REST API do not use up the memory", async () => {
  const { key } = await makeKey(ledger, { scopes: ["keys:write"] });
  const unfinished = (path: string, headers: readonly string[]) => (socket: Socket, place: number) => {
    const all = ["content-type: application/json", "content-length: 262144", ...headers];
    socket.write(head(`POST /api/v1${path}`, place, all));
    socket.write(Buffer.alloc(262_143, " "));
  };
  await expectAlive(1_500, unfinished("/sign-in", []));
  await expectAlive(500, unfinished("/keys", [`authorization: Bearer ${key}`]));
}, 60_000);

test("many requests on a connection that reads no answer do not use up the memory", async () => {
  await expectAlive(300, (socket, place) => {
    socket.write(head("GET /api/v1/openapi.json", place, []).repeat(60));
  });
}, 60_000);

test("bodies that wait unread for a database that does not answer do not use up the memory", async () => {
  const before = api.rssMb();
  const locked = ledger.sql.begin(async (sql) => {
    await sql`lock table provider_accounts in access exclusive mode`;
    await delay(2 * LASTS_MS);
  });
  const piece = Buffer.alloc(262_144, " ");
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, api.rssMb());
  }, 20);
  await expectAlive(3_000, (socket, place) => {
    const headers = [`x-vapi-signature: ${"0".repeat(64)}`, "content-length: 5242880"];
    socket.write(head(`POST /api/webhooks/vapi/${randomUUID()}`, place, headers));
    socket.write(piece);
  });
  clearInterval(watch);
  expect(peak - before).toBeLessThan(MAX_WAITING_MB);
  await locked;
}, 60_000);
