import { newApiKey } from "@call-ledger/credentials";
import { addKey, addOrganization, OPERATOR } from "@call-ledger/db/access";
import { listCalls, openReader } from "@call-ledger/db/read";
import { asOperator } from "@call-ledger/db-operator/admin";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import { prefillCalls } from "../ledger/calls.prefill.ts";
import { startApi } from "../servers/api.server.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import type { LatencySummary } from "../statistics/latency.summary.ts";
import { median, summarizeLatencies } from "../statistics/latency.summary.ts";
import type { BenchSetup } from "./bench.setup.ts";
import type { StreamsMeasurement } from "./streams.measure.ts";
import { measureStreams } from "./streams.measure.ts";

/** The REST API over a ledger of many organizations, one request at a time, in milliseconds. */
export type RestMeasurement = {
  /** The first 50 calls of an organization, and the page after them. */
  readonly list: LatencySummary;
  /** The query of that list with row-level security and without it. Each is the median of the rounds' medians. */
  readonly withSecurity: number;
  readonly withoutSecurity: number;
  /** Searches for words in the transcripts of one organization. A search without a result goes on to the last page. */
  readonly search: LatencySummary;
  /** The calls of that organization by duration. */
  readonly sorted: LatencySummary;
  /** Searches for a number that no call has, to the last page. */
  readonly numbers: LatencySummary;
  readonly streams: StreamsMeasurement;
  readonly calls: number;
  /** The calls of the searched organization. */
  readonly searchedCalls: number;
};

const PAGE = 50;
const SECURITY_ROUNDS = 6;
const READ_TABLES = ["calls", "agents", "call_annotations", "recording_upload_queue"];
/**
 * No transcript contains the last word. One request reads a limited number of them, so that search follows the cursor
 * until every transcript was read.
 */
const SEARCHES = ["morning", "appointment+made", "quetzal", "zeppelin"];
/** No call has this number or one of those after it. */
const NOBODYS_NUMBER = 4_915_100_000_000;

export async function measureRest(bench: BenchSetup): Promise<RestMeasurement> {
  const { calls, organizations, requests, streams } = bench.scale.rest;
  const ledger = await bench.createLedger();
  bench.say(`a ledger of ${calls} calls of ${organizations} organizations`);
  await addOrganizations(ledger, organizations);
  await prefillCalls(ledger.sql, 0, calls);
  const orgIds = (await ledger.sql`select id from organizations order by id`).map((row) => String(row.id));
  const [searched = ""] = orgIds;
  await writeTranscripts(ledger, searched);
  // A ledger that grows slowly is vacuumed all the time. After a million calls at once, autovacuum would work for
  // minutes beside the measurements.
  await ledger.sql.unsafe("vacuum analyze");
  const [counted] = await ledger.sql`select count(*)::int as n from calls where org_id = ${searched}`;
  const keys = await addKeys(ledger, orgIds);
  const limits = { API_REQUESTS_PER_MINUTE: "1000000" };
  const started = async <T>(measure: (api: ServerProcess) => Promise<T>): Promise<T> => {
    const api = await startApi(bench.program, ledger.appUrl, "/health/ready", [], limits);
    try {
      return await measure(api);
    } finally {
      await api.stop();
    }
  };
  const reads = await started((api) => measureReads(bench, api, keys));
  bench.say("the query of a list, with and without row-level security");
  const security = await compareSecurity(ledger, orgIds, requests);
  bench.say(`${streams} streams`);
  const streamKeys = await addKeys(ledger, Array<string>(Math.ceil(streams / 10)).fill(searched));
  // A process that has worked hard has free memory, which would hide the growth.
  const followed = await started((api) => measureStreams(api, { keys: streamKeys, streams }));
  return { ...reads, ...security, streams: followed, calls, searchedCalls: Number(counted?.n) };
}

async function measureReads(bench: BenchSetup, api: ServerProcess, keys: readonly string[]) {
  const { requests } = bench.scale.rest;
  const [key = ""] = keys;
  const searches = Math.ceil(requests / 10);
  bench.say("warming up");
  await lists(api, keys, 2 * keys.length);
  bench.say("lists");
  const list = await lists(api, keys, requests);
  bench.say("words");
  const search = await requestsOf(api, key, searches, (place) => `q=${SEARCHES[place % SEARCHES.length]}`);
  bench.say("an order by duration, and numbers");
  const sorted = await requestsOf(api, key, searches, () => "sort=duration");
  const numbers = await requestsOf(api, key, searches, (place) => `number=${NOBODYS_NUMBER + place}`);
  return { list, search, sorted, numbers };
}

async function addOrganizations({ ownerUrl, sql }: BenchLedger, total: number): Promise<void> {
  const [row] = await sql`select count(*)::int as n from organizations`;
  await asOperator(ownerUrl, async (db) => {
    for (let next = Number(row?.n) + 1; next <= total; next += 1) {
      await addOrganization(db, OPERATOR, { name: `Bench ${next}` });
    }
  });
}

/** Adds a key for each organization, on one connection. Returns their texts. */
function addKeys({ ownerUrl }: BenchLedger, orgIds: readonly string[]): Promise<string[]> {
  const scopes = ["calls:read", "calls:details", "calls:write"] as const;
  return asOperator(ownerUrl, async (db) => {
    const keys: string[] = [];
    for (const orgId of orgIds) {
      const { key, prefix, hash } = newApiKey();
      await addKey(db, { orgId, actor: OPERATOR }, { name: "bench", prefix, hash, scopes });
      keys.push(key);
    }
    return keys;
  });
}

/** Writes about 3 KB of text that compresses as badly as speech. One call in a hundred contains `quetzal`. */
async function writeTranscripts({ sql }: BenchLedger, orgId: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('call_ledger.system', 'on', true)`;
    await tx`update call_logs l set transcript = (
        select string_agg(case when k % 10 = 0 then 'good morning' else left(md5(l.id::text || k), 5) end, ' ')
        from generate_series(1, 480) k) || case when right(l.id::text, 2) in ('00', '80') then ' quetzal' else '' end
      where org_id = ${orgId}`;
  });
}

async function lists(api: ServerProcess, keys: readonly string[], requests: number): Promise<LatencySummary> {
  const samples: number[] = [];
  for (let sent = 0; sent < requests; ) {
    let cursor = "";
    for (const key of [keys[sent % keys.length] ?? "", keys[sent % keys.length] ?? ""]) {
      const { ms, body } = await timed(api, key, `/calls?limit=${PAGE}${cursor}`);
      samples.push(ms);
      sent += 1;
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
    }
  }
  return summarizeLatencies(samples);
}

/** Requests of lists. A list whose first page is empty is read to its end, and counts as one. */
async function requestsOf(
  api: ServerProcess,
  key: string,
  requests: number,
  queryOf: (place: number) => string,
): Promise<LatencySummary> {
  const samples: number[] = [];
  for (let place = 0; place < requests; place += 1) {
    const path = `/calls?limit=${PAGE}&${queryOf(place)}`;
    let answer = await timed(api, key, path);
    let ms = answer.ms;
    while (answer.body.data.length === 0 && answer.body.next_cursor !== null) {
      answer = await timed(api, key, `${path}&cursor=${encodeURIComponent(answer.body.next_cursor)}`);
      ms += answer.ms;
    }
    samples.push(ms);
  }
  return summarizeLatencies(samples);
}

type Page = { readonly data: readonly unknown[]; readonly next_cursor: string | null };

/** Throws an Error if the answer is not a page. */
async function timed(api: ServerProcess, key: string, path: string): Promise<{ ms: number; body: Page }> {
  const begun = performance.now();
  const reply = await fetch(`http://127.0.0.1:${api.port}/api/v1${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const text = await reply.text();
  const ms = performance.now() - begun;
  if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${text}`);
  return { ms, body: JSON.parse(text) };
}

/** Runs the two in turns, so that other load of the machine affects both. */
async function compareSecurity(ledger: BenchLedger, orgIds: readonly string[], requests: number) {
  const reader = openReader(ledger.appUrl, { max: 1, name: "bench" });
  const order = { sort: "start", order: "desc" } as const;
  const samples = { enable: [] as number[], disable: [] as number[] };
  const each = Math.ceil(requests / SECURITY_ROUNDS / 2);
  try {
    for (let round = 0; round < SECURITY_ROUNDS; round += 1) {
      for (const way of ["enable", "disable"] as const) {
        for (const table of READ_TABLES) {
          await ledger.sql.unsafe(`alter table ${table} ${way} row level security`);
        }
        const took: number[] = [];
        for (let sent = 0; sent < each; sent += 1) {
          const orgId = orgIds[sent % orgIds.length] ?? "";
          const begun = performance.now();
          await reader.as(orgId, (db) => listCalls(db, orgId, { selection: {}, order, limit: PAGE }));
          took.push(performance.now() - begun);
        }
        samples[way].push(median(took));
      }
    }
  } finally {
    for (const table of READ_TABLES)
      await ledger.sql.unsafe(`alter table ${table} enable row level security`);
    await reader.pool.close(1_000);
  }
  return { withSecurity: median(samples.enable), withoutSecurity: median(samples.disable) };
}
