import { SCOPES } from "@call-ledger/domain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { askApi } from "../harness/people.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

/* More calls than one page of an export has, and more than one request searches. */

const CALLS = 10_500;

let ledger: TestLedger;
let api: RunningApi;
let all: { authorization: string };

beforeAll(async () => {
  ledger = await testLedger();
  await addCalls(ledger);
  api = await startApi(ledger.database.appUrl);
  await untilReady(api);
  all = (await makeKey(ledger, { scopes: SCOPES })).bearer;
});

afterAll(async () => {
  await api.stop();
  await ledger.drop();
});

/** Adds calls of one minute each, one an hour from 2025 on. */
async function addCalls({ sql, orgId }: TestLedger): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('call_ledger.system', 'on', true)`;
    await tx`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, phase, outcome,
        started_at, ended_at, duration_seconds, cost_usd, created_at)
      select ${orgId}, gen_random_uuid(), 'vapi', a.id, 'call-' || n, 'ended', 'completed',
        at, at + interval '1 minute', 60, 0.1, at
      from generate_series(1, ${CALLS}::int) n
      cross join lateral (select timestamptz '2025-01-01' + n * interval '1 hour' as at) t
      cross join (select id from provider_accounts where org_id is null and provider = 'vapi') a`;
  });
  await sql`analyze calls`;
}

test("an export of many pages keeps no listener of a page", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on("warning", note);
  const response = await fetch(`${api.url}/api/v1/calls.csv`, { headers: all });
  const text = await response.text();
  process.off("warning", note);
  expect(text.trimEnd().split("\r\n")).toHaveLength(CALLS + 1);
  expect(warnings).toEqual([]);
});

test("an export whose later page fails ends the connection, so the file is not taken for a whole one", async () => {
  const response = await fetch(`${api.url}/api/v1/calls.csv`, { headers: all });
  await ledger.sql`alter table calls rename to calls_away`;
  try {
    await expect(response.text()).rejects.toThrow("terminated");
  } finally {
    await ledger.sql`alter table calls_away rename to calls`;
  }
});

test("an export that its client leaves ends without an error", async () => {
  const logged = api.lines.length;
  const leaving = new AbortController();
  const response = await fetch(`${api.url}/api/v1/calls.csv`, { headers: all, signal: leaving.signal });
  leaving.abort();
  await expect(response.text()).rejects.toThrow("abort");
  await expect.poll(() => api.lines.length).toBeGreaterThan(logged);
  expect(api.lines.slice(logged).join("\n")).not.toMatch(/"level":(?:50|"error")/);
});

describe("an order by duration or cost", () => {
  const list = async (query: string) => {
    const { status, json } = await askApi(api, all, "GET", `/calls?limit=100&${query}`);
    return { status, json };
  };

  test.each(["sort=duration", "sort=cost&order=asc", "sort=duration&outcome=no_answer"])(
    "%s refuses more calls than it can put in order, and says what to do",
    async (query) => {
      const { status, json } = await list(query);
      expect(status).toBe(400);
      expect(json).toMatchObject({
        code: "bad_request",
        detail: expect.stringMatching(/^More than 10,000 calls match.* from and to/),
        errors: [{ field: "query.sort" }],
      });
    },
  );

  test("has every call of a shorter time, also the 10,000th", async () => {
    // The calls began one an hour, so this leaves the newest 10,000.
    const [{ from } = {}] =
      await ledger.sql`select to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
      as from from calls order by started_at desc offset 9999 limit 1`;
    await ledger.sql`update calls set duration_seconds = 3600 where provider_call_id = ${`call-${CALLS - 9_999}`}`;
    const { json } = await list(`sort=duration&from=${from}`);
    expect(Object(json.data)[0]).toMatchObject({ provider_call_id: `call-${CALLS - 9_999}` });
    const ids = new Set<string>();
    let cursor: unknown = "";
    while (cursor !== null) {
      const page = await list(`sort=duration&from=${from}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      for (const { id } of page.json.data as { id: string }[]) ids.add(id);
      cursor = page.json.next_cursor;
    }
    expect(ids.size).toBe(10_000);
  });

  test("with words takes the number of calls whose words one request reads", async () => {
    expect(await list("sort=duration&q=hello&from=2025-06-01")).toMatchObject({
      status: 400,
      json: { detail: expect.stringMatching(/^More than 4,000 calls match/) },
    });
  });

  test("is not needed for a list by start, which goes on to its end", async () => {
    const { json } = await list("");
    expect(json.next_cursor).toEqual(expect.any(String));
  });
});
