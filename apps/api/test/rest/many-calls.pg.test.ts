import { SCOPES } from "@call-ledger/domain";
import { beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { askApi } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

/* More calls than one page of an export has, and more than one request searches. */

const CALLS = 10_500;

let all: { authorization: string };

const { ledger, api } = useApi();

beforeAll(async () => {
  await addCalls(ledger);
  all = (await makeKey(ledger, { scopes: SCOPES })).bearer;
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
  type Listed = { id: string; provider_call_id: string; duration_seconds: number | null };

  /** Reads the list to its end. */
  async function wholeList(query: string): Promise<Listed[]> {
    const found: Listed[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { status, json } = await askApi(api, all, "GET", `/calls?limit=100&${query}${cursor}`);
      expect(status).toBe(200);
      found.push(...(json.data as Listed[]));
      cursor = json.next_cursor === null ? null : `&cursor=${json.next_cursor}`;
    }
    return found;
  }

  beforeAll(async () => {
    const set = async (call: string, seconds: number | null) =>
      ledger.sql`update calls set duration_seconds = ${seconds} where provider_call_id = ${call}`;
    await set("call-1", 3600);
    await set(`call-${CALLS}`, 5);
    await set("call-2", null);
  });

  test.each([
    ["desc", "call-1", "call-2"],
    ["asc", `call-${CALLS}`, "call-2"],
  ])("%s has each of many calls once, the oldest too", async (order, first, last) => {
    const found = await wholeList(`sort=duration&order=${order}`);
    expect(found[0]?.provider_call_id).toBe(first);
    expect(found.at(-1)?.provider_call_id).toBe(last);
    expect(found).toHaveLength(CALLS);
    expect(new Set(found.map(({ id }) => id)).size).toBe(CALLS);
  });

  test("searches each of many calls for a filter, and for words", async () => {
    await ledger.sql`update calls set direction = 'web' where provider_call_id in ('call-2', 'call-7')`;
    await ledger.sql`insert into call_logs (org_id, id, provider, provider_account_id, provider_call_id, transcript)
      select org_id, id, provider, provider_account_id, provider_call_id, 'Caller: the boiler, please' from calls
      where provider_call_id in ('call-1', 'call-8')`;
    const names = async (query: string) => (await wholeList(query)).map(({ provider_call_id: name }) => name);
    expect(await names("sort=duration&direction=web")).toEqual(["call-7", "call-2"]);
    expect(await names("sort=duration&q=boiler")).toEqual(["call-1", "call-8"]);
    expect(await names("sort=cost&q=boiler&to=2025-01-02")).toHaveLength(2);
  });
});
