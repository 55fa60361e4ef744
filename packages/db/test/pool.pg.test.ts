import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DbError } from "../src/client/pg-error.ts";
import type { Pool, Sql } from "../src/client/pool.ts";
import { openPool } from "../src/client/pool.ts";
import { openReader } from "../src/read/index.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { testDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
const opened: Pool[] = [];

beforeAll(async () => {
  db = await testDatabase();
});

afterAll(async () => {
  await Promise.all(opened.map((pool) => pool.close(0)));
  await db.drop();
});

function poolOf(max: number, url = db.ownerUrl): Pool {
  const pool = openPool(url, { max, name: "call-ledger pool test" });
  opened.push(pool);
  return pool;
}

const pid = async (sql: Sql) => Number((await sql`select pg_backend_pid() as pid`)[0]?.pid);
const sleep = (seconds: number) => async (sql: Sql) => {
  await sql`select pg_sleep(${seconds})`;
  return pid(sql);
};
const codeOf = (error: unknown) => (error instanceof DbError ? error.code : error);

test("a query has its own connection, and connections are reused", async () => {
  const pool = poolOf(3);
  const first = await Promise.all([0.1, 0.1, 0.1].map((seconds) => pool.run(sleep(seconds), 5_000)));
  expect(new Set(first).size).toBe(3);
  const again = await Promise.all([0.1, 0.1, 0.1].map((seconds) => pool.run(sleep(seconds), 5_000)));
  expect(new Set(again)).toEqual(new Set(first));
});

test("times are read in every style of dates that the database has", async () => {
  const name = new URL(db.ownerUrl).pathname.slice(1);
  await poolOf(1).run((sql) => sql.unsafe(`alter database ${name} set datestyle = 'German, DMY'`), 5_000);
  const [row] = await poolOf(1).run((sql) => sql`select '2026-02-03 04:05:06Z'::timestamptz as at`, 5_000);
  expect(row?.at).toEqual(new Date("2026-02-03T04:05:06Z"));
});

test("a slow statement costs only its own connection", async () => {
  const pool = poolOf(3);
  const known = await Promise.all([0.1, 0.1, 0.1].map((seconds) => pool.run(sleep(seconds), 5_000)));
  const slow = pool.run(sleep(3), 300).catch(codeOf);
  const beside = pool.run(sleep(2), 5_000);
  await pool.run(pid, 5_000);
  expect(await slow).toBe("DEADLINE");
  expect(pool.usage()).toMatchObject({ replaced: 1, waiting: 0 });
  const next = await Promise.all([0.1, 0.1].map((seconds) => pool.run(sleep(seconds), 5_000)));
  expect(known).toContain(await beside);
  expect(next.filter((one) => known.includes(one))).toHaveLength(1);
});

test("a waiting query gets the next connection, or leaves in time and costs none", async () => {
  const pool = poolOf(1);
  const busy = pool.run(sleep(0.5), 5_000);
  const waiting = pool.run(pid, 5_000);
  const late = pool.run(pid, 100).catch(codeOf);
  expect(pool.usage()).toMatchObject({ running: 1, waiting: 2 });
  expect(await late).toBe("DEADLINE");
  expect(pool.usage()).toMatchObject({ running: 1, waiting: 1, replaced: 0 });
  expect(await waiting).toBe(await busy);
  expect(pool.usage()).toMatchObject({ running: 0, waiting: 0 });
});

test("an owner has at most half of the connections that the others leave, and owners take turns", async () => {
  const pool = poolOf(4);
  // Which query begins next does not depend on how long the others take.
  const begun: string[] = [];
  const run = (owner: string) => {
    const work = (sql: Sql) => {
      begun.push(owner);
      return sleep(0.05)(sql);
    };
    return pool.run(work, 30_000, owner);
  };
  const first = Array.from({ length: 8 }, () => run("one"));
  expect(pool.usage()).toMatchObject({ running: 2, waiting: 6 });
  const second = Array.from({ length: 8 }, () => run("two"));
  // Two owners that ask for as much as they can leave a connection to a third one.
  expect(pool.usage()).toMatchObject({ running: 3, waiting: 13 });
  await Promise.all([...first, ...second, run("three")]);
  expect(begun.slice(0, 4)).toEqual(["one", "one", "two", "three"]);
  expect(pool.usage()).toMatchObject({ running: 0, waiting: 0, replaced: 0 });
});

test("the slow searches of two organizations leave a connection to a third one", async () => {
  const reader = openReader(db.appUrl, { max: 4, name: "pool test" });
  const search = (orgId: string, seconds: number) =>
    reader.as(orgId, (queries) => queries.execute(sql`select pg_sleep(${seconds})`), 20_000);
  const organizations = [randomUUID(), randomUUID(), randomUUID()] as const;
  const slow = organizations.slice(0, 2).flatMap((orgId) => [1, 2, 3].map(() => search(orgId, 1)));
  expect(reader.pool.usage()).toMatchObject({ running: 3, waiting: 3 });
  await search(organizations[2], 0);
  expect(reader.pool.usage()).toMatchObject({ running: 3, waiting: 3 });
  await Promise.all(slow);
  await reader.pool.close(1_000);
});

test("a failed statement keeps its connection", async () => {
  const pool = poolOf(1);
  const before = await pool.run(pid, 5_000);
  expect(await pool.run((sql) => sql`select 1 / 0`, 5_000).catch(codeOf)).toBe("22012");
  expect(await pool.run(pid, 5_000)).toBe(before);
});

test("if the server is silent, the idle connections are given up too", { retry: 2 }, async () => {
  const line = await lineTo(db.ownerUrl);
  const pool = poolOf(3, line.url);
  const known = await Promise.all([0.1, 0.1, 0.1].map((seconds) => pool.run(sleep(seconds), 5_000)));
  line.silence();
  expect(await pool.run(pid, 300).catch(codeOf)).toBe("DEADLINE");
  expect(pool.usage().replaced).toBe(3);
  const asked = performance.now();
  const next = await Promise.all([0.1, 0.1, 0.1].map((seconds) => pool.run(sleep(seconds), 5_000)));
  expect(performance.now() - asked).toBeLessThan(4_000);
  expect(next.some((one) => known.includes(one))).toBe(false);
  line.close();
});

test("closing waits for running queries up to its limit, and accepts no new ones", async () => {
  const pool = poolOf(2);
  const running = pool.run(sleep(0.4), 5_000);
  const closed = pool.close(3_000);
  expect(await pool.run(pid, 1_000).catch(codeOf)).toBe("CONNECTION_ENDED");
  expect(await running).toBeGreaterThan(0);
  await closed;
});

/** Returns a connection to the server whose open connections can become silent, like those of a lost host. */
async function lineTo(url: string) {
  const target = new URL(url);
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => undefined);
    sockets.push(near, far);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const here = new URL(url);
  here.hostname = "127.0.0.1";
  here.port = String(typeof address === "object" ? address?.port : address);
  return {
    url: here.href,
    silence() {
      for (const socket of sockets.splice(0)) {
        socket.unpipe();
        socket.pause();
      }
    },
    close: () => server.close(),
  };
}
