import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CallOrder, CallSelection, Reader } from "../src/read/index.ts";
import { CursorRefused, listCalls, openReader } from "../src/read/index.ts";
import { PLATFORM_ACCOUNT } from "../src/testing/index.ts";
import { useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();
let reader: Reader;

beforeAll(() => {
  reader = openReader(ledger.db.appUrl, { max: 2, name: "list test" });
});
afterAll(() => reader.pool.close(1_000));

type Seeded = {
  readonly id: string;
  readonly startedAt: Date | null;
  readonly seconds: number | null;
  readonly cost: string | null;
};

/** Inserts calls of one second, so that many have the same start. Every third has none yet. */
async function seed(count: number, orgId = ledger.fixture.orgId): Promise<Seeded[]> {
  return ledger.owner<Seeded[]>`
    insert into calls (org_id, id, provider, provider_account_id, provider_call_id, created_at, started_at,
      duration_seconds, cost_usd, customer_number, phase, outcome)
    select ${orgId}, call_ledger.new_call_id(), 'vapi', ${PLATFORM_ACCOUNT}, gen_random_uuid()::text,
      now() - random() * interval '1 second',
      case when n % 3 > 0 then date_trunc('milliseconds', now() - floor(random() * 8) * interval '100 ms') end,
      case when n % 4 > 0 then floor(random() * 5)::int end,
      case when n % 5 > 0 then floor(random() * 3) / 10 end,
      '+4930' || n, 'ended', case when n % 2 = 0 then 'completed' else 'no_answer' end
    from generate_series(1, ${count}) n
    returning id, started_at as "startedAt", duration_seconds as seconds, cost_usd as cost`;
}

function page(order: CallOrder, limit: number, cursor?: string, selection: CallSelection = {}) {
  return reader.as(ledger.fixture.orgId, (db) =>
    listCalls(db, ledger.fixture.orgId, { selection, order, limit, cursor }),
  );
}

async function wholeList(order: CallOrder, limit: number, between: () => Promise<unknown>, selection = {}) {
  const found: { id: string; start: string; durationSeconds: number | null; costUsd: string | null }[] = [];
  let cursor: string | undefined;
  do {
    const { rows, nextCursor } = await page(order, limit, cursor, selection);
    found.push(...rows);
    cursor = nextCursor ?? undefined;
    await between();
  } while (cursor !== undefined);
  return found;
}

test("pages neither skip nor repeat a call while new calls arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        sort: fc.constantFrom("start", "duration", "cost"),
        order: fc.constantFrom("desc", "asc"),
      }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 3 }),
      async (order, limit, meanwhile) => {
        await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
        const before = await seed(30);
        // New calls at the end of an ascending list would keep the loop going for ever.
        let rounds = 0;
        const found = await wholeList(order, limit, async () => {
          rounds += 1;
          if (rounds < 8) await seed(meanwhile);
        });
        const ids = found.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(ids)).toEqual(new Set([...ids, ...before.map(({ id }) => id)]));
      },
    ),
    { numRuns: 40 },
  );
});

test.each(["start", "duration", "cost"] as const)("by %s, unknown values come last", async (sort) => {
  await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
  await seed(60);
  for (const order of ["desc", "asc"] as const) {
    const found = await wholeList({ sort, order }, 7, async () => undefined);
    const keys = found.map(({ start, durationSeconds, costUsd }) =>
      sort === "start" ? Date.parse(start) : sort === "duration" ? durationSeconds : costUsd,
    );
    const known = keys.filter((key) => key !== null).map(Number);
    expect(known).toEqual(known.toSorted((a, b) => (order === "desc" ? b - a : a - b)));
    expect(keys.slice(known.length)).toEqual(keys.slice(known.length).map(() => null));
    expect(found).toHaveLength(60);
  }
});

test.each([
  ["duration", "desc"],
  ["duration", "asc"],
  ["cost", "desc"],
  ["cost", "asc"],
] as const)("by %s %s, a list that becomes long between two pages stays in order", async (sort, order) => {
  await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
  // The planner then expects no calls.
  await ledger.owner`analyze calls`;
  const before = await seed(9_990);
  let isLong = false;
  const found = await wholeList({ sort, order }, 700, async () => {
    if (!isLong) await seed(100);
    isLong = true;
  });
  const keys = found.map(({ durationSeconds, costUsd }) => (sort === "duration" ? durationSeconds : costUsd));
  const known = keys.filter((key) => key !== null).map(Number);
  expect(known).toEqual(known.toSorted((a, b) => (order === "desc" ? b - a : a - b)));
  expect(keys.slice(known.length)).toEqual(keys.slice(known.length).map(() => null));
  const ids = new Set(found.map(({ id }) => id));
  expect(ids.size).toBe(found.length);
  expect(before.filter(({ id }) => !ids.has(id))).toEqual([]);
});

test("a filter that few calls pass searches a limited number of calls for each page, and continues", async () => {
  await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
  const [oldest] = await seed(1);
  await ledger.owner`update calls set customer_number = '+4930999999', started_at = now() - interval '1 day'
    where id = ${oldest?.id ?? ""}`;
  await seed(10_001);
  await ledger.owner`insert into call_logs (org_id, id, provider, provider_account_id, provider_call_id, transcript)
    select org_id, id, provider, provider_account_id, provider_call_id, 'Caller: the boiler, please' from calls
    where id = ${oldest?.id ?? ""}`;
  const order = { sort: "start", order: "desc" } as const;
  for (const [selection, pages] of [
    [{ number: "999999" }, 2],
    [{ q: "boil" }, 3],
  ] as const) {
    let cursor: string | undefined;
    for (let empty = 1; empty < pages; empty += 1) {
      const { rows, nextCursor } = await page(order, 5, cursor, selection);
      expect(rows).toEqual([]);
      cursor = nextCursor ?? "";
    }
    const last = await page(order, 5, cursor, selection);
    expect(last.rows.map(({ id }) => id)).toEqual([oldest?.id]);
    expect(last.nextCursor).toBeNull();
  }
});

test("a number finds its customer's calls, and the calls that were put through to it", async () => {
  await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
  const [called, forwarded] = await seed(3);
  await ledger.owner`update calls set customer_number = '+12025550143' where id = ${called?.id ?? ""}`;
  await ledger.owner`update calls set forwarded_to = '+1 (202) 555-0143' where id = ${forwarded?.id ?? ""}`;
  const { rows } = await page({ sort: "start", order: "desc" }, 5, undefined, { number: "202 555 0143" });
  expect(rows.map(({ id }) => id).toSorted()).toEqual([called?.id, forwarded?.id].toSorted());
});

test("a word in most calls is found in the newest calls, page by page", async () => {
  await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
  await seed(250);
  await ledger.owner`insert into call_logs (org_id, id, provider, provider_account_id, provider_call_id, transcript)
    select org_id, id, provider, provider_account_id, provider_call_id, 'Caller: hello' from calls
    on conflict do nothing`;
  const order = { sort: "start", order: "desc" } as const;
  const none = async () => undefined;
  const ids = (found: Awaited<ReturnType<typeof wholeList>>) => found.map(({ id }) => id);
  expect(ids(await wholeList(order, 90, none, { q: "HELLO" }))).toEqual(
    ids(await wholeList(order, 90, none)),
  );
});

test.each([
  ["+49 30 123 456", true],
  ["0049 (0)30 / 123-456", true],
  ["011 49 30123456", true],
  ["030 123456", true],
  ["3456", true],
  ["12345", false],
  ["abc", false],
])("the number %s finds +4930123456: %s", async (number, finds) => {
  await ledger.owner`delete from calls where org_id = ${ledger.fixture.orgId}`;
  const [call] = await seed(1);
  await ledger.owner`update calls set customer_number = '+4930123456' where id = ${call?.id ?? ""}`;
  const { rows } = await page({ sort: "start", order: "desc" }, 5, undefined, { number });
  expect(rows).toHaveLength(finds ? 1 : 0);
});

test("a cursor of another order or of another list is refused", async () => {
  await seed(3);
  const { nextCursor } = await page({ sort: "start", order: "desc" }, 1);
  const cursor = nextCursor ?? "";
  await expect(page({ sort: "start", order: "asc" }, 1, cursor)).rejects.toThrow(CursorRefused);
  await expect(page({ sort: "cost", order: "desc" }, 1, cursor)).rejects.toThrow(CursorRefused);
  for (const text of ["", "x", "bnVsbA", Buffer.from('["start","desc","now","x"]').toString("base64url")]) {
    await expect(page({ sort: "start", order: "desc" }, 1, text)).rejects.toThrow(CursorRefused);
  }
});

test("another organization's calls are in no list, with or without a filter", async () => {
  const [other] = await ledger.owner`insert into organizations (name) values ('next door') returning id`;
  await seed(3, other?.id);
  const { rows } = await reader.as(ledger.fixture.orgId, (db) =>
    listCalls(db, other?.id, { selection: {}, order: { sort: "start", order: "desc" }, limit: 50 }),
  );
  expect(rows).toEqual([]);
});

test("a call that goes on is on the first page, however many have begun since", async () => {
  const [live] = await ledger.owner`
    insert into calls (org_id, id, provider, provider_account_id, provider_call_id, created_at, phase)
    values (${ledger.fixture.orgId}, call_ledger.new_call_id(), 'vapi', ${PLATFORM_ACCOUNT}, 'goes on',
      now() - interval '1 hour', 'in_progress') returning id`;
  await ledger.owner`
    insert into calls (org_id, id, provider, provider_account_id, provider_call_id, phase, outcome, awaits_report)
    select ${ledger.fixture.orgId}, call_ledger.new_call_id(), 'vapi', ${PLATFORM_ACCOUNT}, 'newer ' || n, 'ended', 'completed', false
    from generate_series(1, 10100) n`;
  const selection = { phase: ["ringing", "in_progress"], attention: ["none"] };
  const { rows, nextCursor } = await page({ sort: "start", order: "desc" }, 50, undefined, selection);
  expect(rows.map(({ id }) => id)).toEqual([live?.id]);
  expect(nextCursor).toBeNull();
});
