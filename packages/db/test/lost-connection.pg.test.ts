import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { boundedTransaction, openPool, ownerConnection } from "../src/client/index.ts";
import { toDbError } from "../src/client/pg-error.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { testDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
let proxy: TcpProxy;
beforeEach(async () => {
  db = await testDatabase();
  proxy = await tcpProxy(db.ownerUrl);
});
afterEach(async () => {
  await proxy.stop();
  await db.drop();
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => toDbError(error).code,
  );
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a transaction that loses its connection while it does other work fails, and so do its next statements", async () => {
  const sql = ownerConnection(proxy.url, "test");
  const within: string[] = [];
  const done = Promise.withResolvers<void>();
  const lost = await codeOf(
    sql.begin(async (tx) => {
      await tx`select 1`;
      const rows = tx`select * from generate_series(1, 1000)`.cursor(10)[Symbol.asyncIterator]();
      await rows.next();
      proxy.cut();
      await wait(200);
      await rows.next();
      within.push(await codeOf(tx`select 1`), await codeOf(tx`select ${1}::int`));
      done.resolve();
    }),
  );
  await done.promise;
  expect([lost, ...within]).toEqual(Array(3).fill("CONNECTION_CLOSED"));
  expect((await sql`select 1 as one`)[0]).toEqual({ one: 1 });
  await sql.end();
});

test("an IPv6 address in a URL is connected to, alone and among several", async () => {
  const { port } = new URL(db.ownerUrl);
  const relay = createServer((client) => {
    // Either side may reset the connection at its end.
    pipeline(client, connect(Number(port), "127.0.0.1"), client, () => undefined);
  });
  await new Promise<void>((resolve) => relay.listen(0, "::1", resolve));
  const address = relay.address();
  const host = `[::1]:${typeof address === "object" ? address?.port : ""}`;
  for (const hosts of [host, `127.0.0.1:1,${host}`]) {
    await using sql = ownerConnection(db.ownerUrl.replace(/@[^/]+/, `@${hosts}`), "test");
    expect((await sql`select 1 as one`)[0]).toEqual({ one: 1 });
  }
  relay.close();
});

test("a transaction may take the time of a statement for each statement, and ends if the database falls silent", async () => {
  const sql = ownerConnection(db.ownerUrl, "test");
  await sql`select 1`;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const limits = { statementMs: 30_000 };
    const done = boundedTransaction(
      sql,
      async (tx) => {
        for (let place = 0; place < 4; place += 1) {
          await (place % 2 === 0 ? tx`select 1` : tx.unsafe("select 1"));
          vi.advanceTimersByTime(39_000);
        }
        return "done";
      },
      limits,
    );
    expect(await done).toBe("done");
    const silent = boundedTransaction(
      sql,
      async (tx) => {
        await tx`select 1`;
        vi.advanceTimersByTime(40_000);
        await tx`select pg_sleep(0.1)`;
      },
      limits,
    );
    expect(await codeOf(silent)).toBe("DEADLINE");
  } finally {
    vi.useRealTimers();
    await sql.end();
  }
});

test("a server that accepts connections and closes them is tried a few times a second, and each query fails", async () => {
  let connects = 0;
  const closer = createServer((socket) => {
    connects += 1;
    socket
      .on("error", () => undefined)
      .resume()
      .end();
  });
  await new Promise<void>((resolve) => closer.listen(0, "127.0.0.1", resolve));
  const address = closer.address();
  const url = `postgres://u:p@127.0.0.1:${typeof address === "object" ? address?.port : 0}/d`;
  const sql = ownerConnection(url, "test");
  expect(await codeOf(sql`select 1`)).toBe("CONNECTION_CLOSED");
  await sql.end({ timeout: 0 });

  const pool = openPool(url, { max: 2, name: "test" });
  connects = 0;
  const until = performance.now() + 3_000;
  const ask = async () => {
    while (performance.now() < until) await codeOf(pool.run((one) => one`select 1`, 1_000));
  };
  await Promise.all([ask(), ask()]);
  expect(connects).toBeLessThan(30);
  await pool.close(0);
  await new Promise((resolve) => closer.close(resolve));
});

test("the error that ended a session fails its own query, and not the first query of the next session", async () => {
  const pool = openPool(db.appUrl, { max: 1, name: "test", prepare: true });
  const superuser = ownerConnection(db.superuserUrl, "test");
  const sleeping = codeOf(pool.run((sql) => sql`select pg_sleep(30)`, 20_000));
  const ended = async () => {
    const rows =
      await superuser`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(30)%'
      and pid <> pg_backend_pid()`;
    return rows.length > 0;
  };
  while (!(await ended())) await wait(50);
  expect(await sleeping).toBe("57P01");
  expect((await pool.run((sql) => sql`select 7 as seven`, 10_000))[0]).toEqual({ seven: 7 });
  await pool.close(0);
  await superuser.end();
});
