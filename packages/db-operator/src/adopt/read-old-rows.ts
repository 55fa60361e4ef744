import type { OldTable, OldTables } from "@call-ledger/db/migrate";
import type postgres from "postgres";
import type { OldRow } from "./old-row.ts";

/** All rows that speak of one call. */
export type OldCall = {
  /** The provider's id of the call; of rows without one `adopted:<table>:<id>`. */
  readonly providerCallId: string;
  readonly rows: readonly OldRow[];
};

type OwnerTable = "organizations" | "agents";
type CallTable = Exclude<OldTable, OwnerTable>;

/** The columns that are read, as far as a table has them; the others stay where they are. */
const READ: Readonly<Record<OldTable, string>> = {
  organizations: "name created_at",
  agents: "org_id name role vapi_assistant_id active created_at",
  call_tracking:
    "org_id lead_id agent_id phone status called_at started_at ended_at answered voicemail duration_seconds " +
    "call_outcome transcript sentiment metadata created_at updated_at",
  call_logs:
    "org_id lead_id agent_id to_number status outcome started_at ended_at duration_seconds recording_url " +
    "recording_storage_path transcript cost metadata created_at updated_at",
  calls:
    "org_id phone_number call_date duration_seconds status call_type recording_url recording_storage_path transcript " +
    "sentiment_score sentiment_label action_items created_at updated_at",
  call_transcripts: "speaker text timestamp created_at",
  recording_upload_queue: "org_id recording_url call_type created_at",
  processed_webhook_events: "org_id event_id event_type received_at created_at",
};

/** Where a row without the provider's id says which call it means: its column, and the tables whose `id` that is. */
const REFERENCES: Partial<Record<CallTable, readonly CallTable[]>> = {
  call_transcripts: ["call_tracking"],
  recording_upload_queue: ["call_logs", "calls", "call_tracking"],
};

const LONGEST_CALL_ID = 200;
const ROWS_A_FETCH = 2_000;

/**
 * Reads the old tables in one transaction with one snapshot, which is rolled back: nothing is changed by it. Rows that
 * row-level security would hide are an error and not an absence. `sql` is one connection; a lost one takes the cursor
 * with it, so that reading on is an error too. (The driver's own transactions end the process when that happens.)
 */
export async function withOldRows<T>(sql: postgres.Sql, old: OldTables, work: () => Promise<T>): Promise<T> {
  await sql.unsafe(`begin isolation level repeatable read;
    set local row_security = off; set local timezone = 'UTC'; set local work_mem = '64MB'; set local jit = off;
    set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0;
    set local lock_timeout = '5s'; set local cursor_tuple_fraction = 1`);
  for (const table of old.forced) {
    await sql.unsafe(`alter table ${old.schema}.${table} no force row level security`);
  }
  const result = await work();
  await sql.unsafe("rollback");
  return result;
}

/** The rows of a table that no call has. */
export async function readLegacyOrganizations(
  sql: postgres.Sql,
  old: OldTables,
  table: OwnerTable,
): Promise<OldRow[]> {
  const columns = old.columns.get(table);
  if (columns === undefined) return [];
  const rows = await sql.unsafe(
    `select ${rowId(columns)} as id, ${fields(table, columns)} as fields from ${old.schema}.${table} t order by 1`,
  );
  return rows.map((row) => ({ table, id: row.id, fields: row.fields }));
}

/** Every call with its rows, in the order of the calls' ids; in memory are a fetch's rows and one call's. */
export async function* readCalls(sql: postgres.Sql, old: OldTables): AsyncGenerator<OldCall> {
  await sql.unsafe(`declare old_rows no scroll cursor for ${rowsByCall(old)}`);
  let providerCallId = "";
  let rows: OldRow[] = [];
  for (;;) {
    const fetched = await sql.unsafe(`fetch ${ROWS_A_FETCH} from old_rows`);
    for (const { call_id, table_name, id, fields } of fetched) {
      if (call_id !== providerCallId && rows.length > 0) {
        yield { providerCallId, rows };
        rows = [];
      }
      providerCallId = call_id;
      rows.push({ table: table_name, id, fields });
    }
    if (fetched.length < ROWS_A_FETCH) break;
  }
  if (rows.length > 0) yield { providerCallId, rows };
}

function rowsByCall(old: OldTables): string {
  const tables = ([...old.columns.keys()] as OldTable[]).filter(
    (table): table is CallTable => table !== "organizations" && table !== "agents",
  );
  const place = Object.keys(READ);
  const selects = tables.map((table) => {
    const columns = old.columns.get(table) ?? new Set<string>();
    const targets = columns.has("call_id")
      ? (REFERENCES[table] ?? []).filter((target) => old.columns.get(target)?.has("id"))
      : [];
    const joins = targets.map(
      (target, number) => `left join (
        select t.id::text as id, min(${callId(target, old)}) as call_id from ${old.schema}.${target} t group by t.id
      ) j${number} on j${number}.id = t.call_id::text`,
    );
    const named = [
      ownCallId(table, columns),
      ...targets.map((_, number) => `j${number}.call_id`),
      inItself(table, columns),
    ];
    return `select coalesce(${named.join(", ")}) collate "C" as call_id, ${place.indexOf(table)} as place,
      '${table}' as table_name, ${rowId(columns)} collate "C" as id, ${fields(table, columns)} as fields
      from ${old.schema}.${table} t ${joins.join(" ")}`;
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
  return `case when length(${trimmed}) between 1 and ${LONGEST_CALL_ID} then ${trimmed} end`;
}

function inItself(table: CallTable, columns: ReadonlySet<string>): string {
  return `'adopted:${table}:' || ${rowId(columns)}`;
}

function rowId(columns: ReadonlySet<string>): string {
  return columns.has("id") ? "coalesce(t.id::text, t.ctid::text)" : "t.ctid::text";
}

function fields(table: OldTable, columns: ReadonlySet<string>): string {
  const read = READ[table].split(" ").filter((column) => columns.has(column));
  const list = read.map((column) => `t."${column}"`).join(", ");
  return read.length === 0 ? "'{}'::json" : `(select to_json(f) from (select ${list}) f)`;
}
