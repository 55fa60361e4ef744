import type { OldTable, OldTables } from "@call-ledger/db/migrate";
import { OLD_TABLES } from "@call-ledger/db/migrate";
import type { Json } from "@call-ledger/domain";
import { MAX_IDENTIFIER_LENGTH } from "@call-ledger/domain";
import type postgres from "postgres";
import { reading } from "./adoption-errors.ts";
import { columnsToRead, quoted } from "./columns.ts";
import type { OldRow } from "./old-row.ts";
import { PLACEHOLDERS } from "./old-row.ts";

/** All rows about one call. */
export type OldCall = {
  /** The provider's id of the call, or without one `adopted:<table>:<id>`. */
  readonly providerCallId: string;
  readonly rows: readonly OldRow[];
};

type OwnerTable = "organizations" | "agents";
type CallTable = Exclude<OldTable, OwnerTable>;

/** How a row without the provider's id refers to its call: its column, and the tables whose `id` the column has. */
const REFERENCES: Partial<Record<CallTable, readonly CallTable[]>> = {
  call_transcripts: ["call_tracking", "call_logs", "calls"],
  recording_upload_queue: ["call_logs", "calls", "call_tracking"],
  failed_recording_uploads: ["call_logs", "calls", "call_tracking"],
};

const ROWS_A_FETCH = 2_000;

/**
 * Reads the old tables in one transaction with one snapshot, which is rolled back, so it changes nothing. Rows that
 * row-level security would hide cause an error. If it hides them from their owner, the tables are locked to lift it,
 * except with `readOnly`. `sql` is one connection. If it is lost, its cursor is too, so that reading on is an error.
 * (The driver's own transactions end the process in that case.)
 */
export async function withOldRows<T>(
  sql: postgres.Sql,
  old: OldTables,
  readOnly: boolean,
  work: () => Promise<T>,
): Promise<T> {
  await reading(
    sql.unsafe(`begin isolation level repeatable read ${readOnly ? "read only" : "read write"};
    set local row_security = off; set local timezone = 'UTC'; set local intervalstyle = 'postgres'; set local work_mem = '64MB'; set local jit = off;
    set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = '5s'; set local cursor_tuple_fraction = 1`),
  );
  for (const table of readOnly ? [] : old.hidden) {
    await reading(sql.unsafe(`alter table ${placeOf(old, table)} no force row level security`));
  }
  const result = await work();
  await reading(sql.unsafe("rollback"));
  return result;
}

/** Reads organizations and agents, which belong to no call. */
export async function readLegacyOrganizations(
  sql: postgres.Sql,
  old: OldTables,
  table: OwnerTable,
): Promise<OldRow[]> {
  const columns = old.columns.get(table);
  if (columns === undefined) return [];
  const rows = await reading(
    sql.unsafe(
      `select ${rowId(columns)} as id, ${fields(old, table)} as fields from ${placeOf(old, table)} t order by 1`,
    ),
  );
  return rows.map((row) => ({ table, id: row.id, fields: fieldsIn(row.fields) }));
}

/** Every call with its rows, in the order of the calls' ids. Memory has the rows of one fetch and of one call. */
export async function* readCalls(sql: postgres.Sql, old: OldTables): AsyncGenerator<OldCall> {
  await reading(sql.unsafe(`declare old_rows no scroll cursor for ${rowsByCall(old)}`));
  let providerCallId = "";
  let rows: OldRow[] = [];
  for (;;) {
    const fetched = await reading(sql.unsafe(`fetch ${ROWS_A_FETCH} from old_rows`));
    for (const { call_id, table_name, id, fields } of fetched) {
      if (call_id !== providerCallId && rows.length > 0) {
        yield { providerCallId, rows };
        rows = [];
      }
      providerCallId = call_id;
      rows.push({ table: table_name, id, fields: fieldsIn(fields) });
    }
    if (fetched.length < ROWS_A_FETCH) break;
  }
  if (rows.length > 0) yield { providerCallId, rows };
}

function rowsByCall(old: OldTables): string {
  const tables = ([...old.columns.keys()] as OldTable[]).filter(
    (table): table is CallTable => table !== "organizations" && table !== "agents",
  );
  const selects = tables.map((table) => {
    const columns = old.columns.get(table) ?? new Set<string>();
    const targets = columns.has("call_id")
      ? (REFERENCES[table] ?? []).filter((target) => old.columns.get(target)?.has("id"))
      : [];
    const joins = targets.map(
      (target, number) => `left join (
        select t.id::text as id, min(${callId(target, old)}) as call_id from ${placeOf(old, target)} t group by t.id
      ) j${number} on j${number}.id = t.call_id::text`,
    );
    const named = [
      ownCallId(table, columns),
      ...targets.map((_, number) => `j${number}.call_id`),
      inItself(table, columns),
    ];
    return `select coalesce(${named.join(", ")}) collate "C" as call_id, ${OLD_TABLES.indexOf(table)} as place,
      '${table}' as table_name, ${rowId(columns)} collate "C" as id, ${fields(old, table)} as fields
      from ${placeOf(old, table)} t ${joins.join(" ")}`;
  });
  return `select call_id, table_name, id, fields from (${selects.join(" union all ")}) r order by call_id, place, id`;
}

function callId(table: CallTable, old: OldTables): string {
  const columns = old.columns.get(table) ?? new Set<string>();
  return `coalesce(${ownCallId(table, columns)}, ${inItself(table, columns)})`;
}

function ownCallId(table: CallTable, columns: ReadonlySet<string>): string {
  const column = table === "processed_webhook_events" ? "call_id" : "vapi_call_id";
  if (!columns.has(column)) return "null";
  const trimmed = `btrim(t.${column}::text, E' \\t\\r\\n')`;
  const isNone = `lower(${trimmed}) in (${PLACEHOLDERS.map((word) => `'${word}'`).join(", ")})`;
  return `case when length(${trimmed}) between 1 and ${MAX_IDENTIFIER_LENGTH} and not ${isNone} then ${trimmed} end`;
}

function inItself(table: CallTable, columns: ReadonlySet<string>): string {
  return `'adopted:${table}:' || ${rowId(columns)}`;
}

function rowId(columns: ReadonlySet<string>): string {
  const content = "md5(to_json(t.*)::text)";
  return columns.has("id") ? `coalesce(t.id::text, ${content})` : content;
}

function placeOf(old: OldTables, table: OldTable): string {
  return `${quoted(old.schema)}.${table}`;
}

function fields(old: OldTables, table: OldTable): string {
  const list = columnsToRead(old, table)
    .map((column) => `t.${quoted(column)}`)
    .join(", ");
  return list === "" ? "'{}'" : `(select to_json(f.*)::text from (select ${list}) f)`;
}

/** The fields of a row from the JSON of Postgres. A number that JavaScript would round stays text. */
function fieldsIn(text: string): OldRow["fields"] {
  return JSON.parse(text, /\d{16}|\d[eE]/.test(text) ? (exactly as Reviver) : undefined);
}

type Reviver = (key: string, value: Json) => Json;
const MAX_DIGITS = 15;

function exactly(_key: string, value: Json, { source }: { readonly source: string }): Json {
  if (typeof value !== "number") return value;
  const isExact = Number.isFinite(value) && source.replaceAll(/\D/g, "").length <= MAX_DIGITS;
  return isExact || Number.isSafeInteger(value) ? value : source;
}
