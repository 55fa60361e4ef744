import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { behindPooler, openPool } from "../src/client/index.ts";
import type { OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  testDatabase,
} from "../src/testing/index.ts";
import type { Transport } from "../src/write/index.ts";
import { recordDeliveries } from "../src/write/index.ts";

/*
 * A proxy counts round trips. A round trip starts when the client sends after the server has sent. A statement that is
 * described before it is bound takes two, which costs time with a distant database.
 */

let db: TestDatabase;
let owner: postgres.Sql;
let fixture: OrganizationFixture;
let proxy: Server;
let roundTrips = 0;
let proxied = "";

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  fixture = await createOrganizationFixture(owner);
  const target = new URL(db.appUrl);
  const { hostname, port } = target;
  proxy = createServer((client: Socket) => {
    const server = connect(Number(port), hostname);
    let serverSpoke = true;
    client.on("data", (chunk) => {
      roundTrips += Number(serverSpoke);
      serverSpoke = false;
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      serverSpoke = true;
      client.write(chunk);
    });
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  target.hostname = "127.0.0.1";
  target.port = String((proxy.address() as AddressInfo).port);
  proxied = target.href;
});

afterAll(async () => {
  await owner.end();
  proxy.close();
  await db.drop();
});

const facts = KNOWN_FACTS;

test.each([
  { transport: "prepared" as Transport, count: 1 },
  { transport: "prepared" as Transport, count: 50 },
  { transport: "literal" as Transport, count: 1 },
  { transport: "literal" as Transport, count: 50 },
])("$count deliveries, $transport, take one round trip", async ({ transport, count }) => {
  const pool = openPool(proxied, { max: 1, name: "round-trips", prepare: true });
  const batch = (round: string) =>
    Array.from({ length: count }, (_, index) =>
      deliveryToBook(fixture, `${transport}-${count}-${round}-${index}`, {
        account: 0,
        facts,
        event: { kind: "call.progressed", phase: "ringing", type: "status-update", occurredAt: null },
      }),
    );
  await recordDeliveries(pool, batch("warm-up"), { transport, deadlineMs: 5_000 });
  roundTrips = 0;
  const outcomes = await recordDeliveries(pool, batch("counted"), { transport, deadlineMs: 5_000 });
  expect(roundTrips).toBe(1);
  expect(outcomes).toHaveLength(count);
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(["applied"]));
  await pool.close(100);
});

test("a direct connection is not taken for a pooler", async () => {
  const pool = openPool(proxied, { max: 1, name: "pooler" });
  expect(await behindPooler(pool, 5_000)).toBe(false);
  await pool.close(100);
});
