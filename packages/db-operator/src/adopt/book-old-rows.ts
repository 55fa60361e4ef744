import { ownerConnection } from "@call-ledger/db/client";
import type { OldTables } from "@call-ledger/db/migrate";
import { ADOPTED, IN_PUBLIC, OLD_TABLES } from "@call-ledger/db/migrate";
import type { Instant } from "@call-ledger/domain";
import type postgres from "postgres";
import { adoptedCall } from "./adopted-call.ts";
import { reading } from "./adoption-errors.ts";
import type { KnownOwners } from "./attribution.ts";
import { attributeRows } from "./attribution.ts";
import type { BookedCall, CallToBook } from "./book-calls.ts";
import { bookCalls, bookedOrganizations, previewCalls } from "./book-calls.ts";
import type { Columns } from "./columns.ts";
import { columnsOf, isCallTable } from "./columns.ts";
import type { EndingNamed } from "./endings.ts";
import { createOrganizations, knownOrganizations, legacyOrganizations } from "./legacy-organizations.ts";
import { columnsOfLines, LINES, readOldLines } from "./old-lines.ts";
import type { OldRow } from "./old-row.ts";
import { isDeleted, isTooDeep, textOf } from "./old-row.ts";
import { inOrder } from "./precedence.ts";
import type { OldCall } from "./read-old-rows.ts";
import { readCalls, readLegacyOrganizations, withOldRows } from "./read-old-rows.ts";
import type { Tally, UnattributedRow } from "./tally.ts";
import { openTally } from "./tally.ts";

export type BookingRun = {
  readonly ownerUrl: string;
  /** URL of the database with the old tables; default: the ledger's database. */
  readonly from: string | undefined;
  readonly old: OldTables;
  /** `false`: only counts the rows that would be booked. */
  readonly books: boolean;
  /** Whether the database already has a ledger. */
  readonly migrated: boolean;
  readonly endingNamed: EndingNamed;
  readonly now: Instant;
  readonly log: (line: string) => void;
};

export type BookedRows = {
  readonly tally: Tally;
  /** The number of calls for which something was booked. */
  readonly calls: number;
  /** The first rows that stay behind. */
  readonly left: readonly UnattributedRow[];
  /** The assistants that agents of several organizations claim. */
  readonly contested: readonly string[];
  readonly contestedNumbers: readonly string[];
  readonly columns: Columns;
};

/** Two batches run at the same time: while one commits, Postgres works on the other. */
const WRITERS = 2;
const ROWS_A_BATCH = 600;
const CALLS_A_LINE = 10_000;
/** After so many calls ANALYZE runs, so that plans for empty tables are made again. */
const ANALYZE_AT = [2_000, 20_000];
const ANALYZE =
  "analyze calls, call_tracking, call_logs, call_routes, call_transcripts, processed_webhook_events, recording_upload_queue";
const MAX_LISTED = 1_000;

/** Books the old rows, call by call, or only counts them. Reads one snapshot, in bounded memory. */
export async function bookOldRows(run: BookingRun): Promise<BookedRows> {
  const { ownerUrl, from, old } = run;
  const reader = ownerConnection(from ?? ownerUrl, "call-ledger adopt reader", 10);
  const writers = Array.from({ length: WRITERS }, () =>
    ownerConnection(ownerUrl, "call-ledger adopt writer", 10),
  );
  try {
    return await withOldRows(reader, old, from !== undefined, () => bookAll(run, reader, writers));
  } finally {
    await Promise.all([reader, ...writers].map((sql) => sql.end({ timeout: 1 })));
  }
}

async function bookAll(
  run: BookingRun,
  reader: postgres.Sql,
  writers: readonly postgres.Sql[],
): Promise<BookedRows> {
  const tally = openTally();
  const [first] = writers;
  if (first === undefined) throw new Error("there is no connection for booking");
  // The next run books again what a crash of the server loses. Only the last statement waits for the disk.
  for (const sql of writers) await sql.unsafe(`set synchronous_commit = off; set ${IN_PUBLIC}`);
  const none = { organizations: new Set<string>(), agents: new Set<string>() };
  const known = run.migrated ? await knownOrganizations(first) : none;
  const rows = {
    organizations: await readLegacyOrganizations(reader, run.old, "organizations"),
    agents: await readLegacyOrganizations(reader, run.old, "agents"),
    lines: await readOldLines(reader, run.old),
  };
  const old = legacyOrganizations(rows, known, tally);
  for (const row of [...rows.organizations, ...rows.agents]) tally.countUnread(row);
  if (run.books) {
    await createOrganizations(first, old);
    await first.unsafe(`delete from ${ADOPTED}.unattributed`);
  }

  const left: UnattributedRow[] = [];
  const keepLeft = async (sql: postgres.Sql) => {
    const taken = tally.takeLeft();
    left.push(...taken.slice(0, MAX_LISTED - left.length));
    if (run.books) await storeLeft(sql, taken);
  };
  let calls = 0;
  let read = 0;
  const book = async (sql: postgres.Sql, batch: readonly OldCall[]) => {
    const booked = await bookBatch({ ...run, owners: old.owners, tally }, sql, batch);
    const before = calls;
    calls += booked;
    await keepLeft(sql);
    if (run.books && ANALYZE_AT.some((mark) => before < mark && calls >= mark)) await sql.unsafe(ANALYZE);
    const lines = Math.floor(read / CALLS_A_LINE);
    read += batch.length;
    if (Math.floor(read / CALLS_A_LINE) > lines)
      run.log(`${read} calls read, ${calls} ${run.books ? "" : "would be "}booked`);
  };
  await inParallel(batches(readCalls(reader, run.old)), writers, book);
  await keepLeft(first);
  if (run.books) await first.unsafe(`set synchronous_commit = on; ${ANALYZE}`);
  const columns = await reading(columnsOf(reader, run.old, tally.columnsOf));
  const ofLines = await columnsOfLines(reader, run.old, rows.lines);
  return {
    tally,
    calls,
    left: left.toSorted(byPlace),
    contested: old.contested,
    contestedNumbers: old.contestedNumbers,
    columns: { ...columns, ...(ofLines && { [LINES]: ofLines }) },
  };
}

/** Sorts the rows of a list, which is then the same each time, although batches end in any order. */
function byPlace(a: UnattributedRow, b: UnattributedRow): number {
  return OLD_TABLES.indexOf(a.table) - OLD_TABLES.indexOf(b.table) || a.id.localeCompare(b.id);
}

/** Gives each item to a free worker. A failure ends the items: no further one is begun, and the failure is thrown. */
async function inParallel<T, W>(
  items: AsyncGenerator<T>,
  workers: readonly W[],
  work: (worker: W, item: T) => Promise<void>,
): Promise<void> {
  const ends = await Promise.allSettled(
    workers.map(async (worker) => {
      for await (const item of items) await work(worker, item);
    }),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function* batches(calls: AsyncIterable<OldCall>): AsyncGenerator<OldCall[]> {
  let batch: OldCall[] = [];
  let rows = 0;
  for await (const call of calls) {
    batch.push(call);
    rows += call.rows.length;
    if (rows < ROWS_A_BATCH) continue;
    yield batch;
    batch = [];
    rows = 0;
  }
  if (batch.length > 0) yield batch;
}

type Batch = BookingRun & { readonly owners: KnownOwners; readonly tally: Tally };
type CallWithRows = { readonly call: CallToBook; readonly rows: readonly OldRow[] };

/** Books a batch. Returns the number of calls for which something was booked. */
async function bookBatch(run: Batch, sql: postgres.Sql, batch: readonly OldCall[]): Promise<number> {
  const { tally } = run;
  const routes = run.migrated
    ? await bookedOrganizations(
        sql,
        batch.map((call) => call.providerCallId),
      )
    : new Map<string, string>();
  const calls = batch.flatMap(({ providerCallId, rows: all }): CallWithRows[] => {
    const rows = all.filter((row) => !isTooDeep(row));
    for (const row of all) {
      if (rows.includes(row)) tally.countUnread(row);
      else tally.leave(row, providerCallId, "unreadable");
    }
    const attribution = attributeRows(inOrder(rows), routes.get(providerCallId) ?? null, run.owners);
    for (const { row, reason } of attribution.left) tally.leave(row, providerCallId, reason);
    if (attribution.orgId === null) return [];
    const adopted = adoptedCall(attribution, run.endingNamed);
    for (const { table, column } of adopted.outvoted) tally.countOutvoted(table, column);
    if (attribution.rows.some((row) => isCallTable(row.table) && isDeleted(row))) tally.countDeleted("calls");
    const { orgId, agent } = attribution;
    return [{ call: { providerCallId, orgId, agentId: agent?.id ?? null, adopted }, rows: attribution.rows }];
  });
  const toBook = calls.map(({ call }) => call);
  const booked = run.books
    ? await bookCalls(sql, toBook, run.now)
    : await previewCalls(run.migrated ? sql : null, toBook);
  for (const [place, { call, rows }] of calls.entries()) {
    countRows(tally, call.providerCallId, rows, booked[place] ?? "refused");
  }
  return booked.filter((became) => became === "news" || became instanceof Map).length;
}

function countRows(tally: Tally, providerCallId: string, rows: readonly OldRow[], became: BookedCall): void {
  const seen = new Set<string>();
  const news = new Map(became instanceof Map ? became : []);
  for (const row of rows) {
    if (became === "organization_conflict" || became === "refused") {
      tally.leave(row, providerCallId, became);
      continue;
    }
    const key = `${row.table}:${ownKey(row)}`;
    const left = news.get(`adopted.${row.table}`) ?? 0;
    const isNew = became === "news" || left > 0;
    tally.count(row.table, isNew && !seen.has(key) ? "moved" : "duplicates");
    news.set(`adopted.${row.table}`, left - 1);
    seen.add(key);
  }
}

/**
 * The key of a row among the rows of its table for the same call. It is empty for a call table, which has one row a
 * call.
 */
function ownKey({ table, id, fields }: OldRow): string {
  if (table === "processed_webhook_events") return textOf({ table, id, fields }, "event_id") ?? id;
  const own = ["speaker", "text", "timestamp", "recording_url", "vapi_recording_url"];
  return isCallTable(table) ? "" : JSON.stringify(own.map((column) => fields[column]));
}

async function storeLeft(sql: postgres.Sql, rows: readonly UnattributedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into ${sql(ADOPTED)}.unattributed (table_name, row_id, provider_call_id, reason)
    select u."table", u.id, u."providerCallId", u.reason
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as u (
      "table" text, id text, "providerCallId" text, reason text)
    on conflict (table_name, row_id) do nothing`;
}
