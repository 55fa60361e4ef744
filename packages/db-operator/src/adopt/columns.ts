import type { OldTable, OldTables } from "@call-ledger/db/migrate";
import type { Direction, Json } from "@call-ledger/domain";
import { boundedJson } from "@call-ledger/domain";
import type postgres from "postgres";
import { startOf } from "./call-status.ts";
import { isPlainOutcome } from "./endings.ts";
import { recordingsIn } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { uuidOf } from "./old-row.ts";
import { isReadable, says } from "./readable.ts";

/** The tables with one row for each call. */
const CALL_TABLES = ["call_tracking", "call_logs", "calls"] as const satisfies readonly OldTable[];

/** The columns of call tables that have a place in the ledger. Each table had some of them at some time. */
const OF_A_CALL =
  "id org_id lead_id agent_id vapi_call_id call_sid twilio_call_sid phone phone_number from_number to_number caller_name " +
  "call_type direction call_direction status call_outcome outcome outcome_summary voicemail answered called_at started_at " +
  "start_time ended_at end_time call_date duration_seconds recording_url recording_signed_url " +
  "recording_signed_url_expires_at recording_storage_path recording_path transcript transcript_text transfer_to cost " +
  "total_cost sentiment sentiment_label sentiment_score sentiment_summary sentiment_urgency action_items metadata " +
  "created_at updated_at";

/** Those columns that have a place only in a report. */
const OF_A_REPORT = named(
  "call_date outcome_summary sentiment sentiment_label sentiment_score sentiment_summary sentiment_urgency action_items",
);
/** Columns that are read if another one is empty; the key is the column, the value the other one. */
const READ_FIRST: Readonly<Record<string, string>> = {
  started_at: "start_time",
  end_time: "ended_at",
  total_cost: "cost",
  twilio_call_sid: "call_sid",
  recording_path: "recording_storage_path",
  phone_number: "phone",
  direction: "call_type",
  call_direction: "call_type",
};
const UPLOAD = named("id org_id call_id vapi_call_id recording_url vapi_recording_url call_type created_at");

/** The columns that are read into the ledger, if a table has them. */
const READ: Readonly<Record<OldTable, ReadonlySet<string>>> = {
  organizations: named("id name created_at"),
  agents: named(
    "id org_id organization_id name role vapi_assistant_id vapi_phone_number_id active is_active created_at",
  ),
  call_tracking: named(OF_A_CALL),
  call_logs: named(OF_A_CALL),
  calls: named(OF_A_CALL),
  call_transcripts: named("id org_id call_id vapi_call_id speaker text timestamp created_at"),
  recording_upload_queue: UPLOAD,
  failed_recording_uploads: UPLOAD,
  processed_webhook_events: named("id org_id event_id call_id event_type received_at created_at"),
};

/** Where the columns of one old table went. */
type ColumnsOf = {
  /** Columns that were read into the ledger's own columns. */
  readonly read: readonly string[];
  /**
   * Columns that were kept under their names in `call_logs.details`, or without a report in `call_tracking.metadata`.
   */
  readonly kept: readonly string[];
  /** Columns that were left behind, with the number of rows that have a value. */
  readonly left: Readonly<Record<string, number>>;
  /** Read columns with the number of unreadable values. These are kept like `kept`, or left behind for other tables. */
  readonly unread: Readonly<Record<string, number>>;
};

/** The columns by table, for existing tables. */
export type Columns = Readonly<Partial<Record<OldTable, ColumnsOf>>>;

/** The columns that a query selects for the rows of a table. */
export function columnsToRead(table: OldTable, columns: ReadonlySet<string>): string[] {
  return [...columns].filter((column) => isCallTable(table) || READ[table].has(column));
}

/**
 * Where each column of each old table went, after its rows were read. Counts rows in tables with columns that are left.
 */
export async function columnsOf(
  sql: postgres.Sql,
  old: OldTables,
  unreadOf: (table: OldTable) => ColumnsOf["unread"],
): Promise<Columns> {
  const found: Partial<Record<OldTable, ColumnsOf>> = {};
  for (const [table, columns] of old.columns) {
    const all = [...columns].toSorted();
    const others = all.filter((column) => !READ[table].has(column));
    found[table] = {
      read: all.filter((column) => READ[table].has(column)),
      kept: isCallTable(table) ? others : [],
      left: isCallTable(table) ? {} : await valuesIn(sql, `${quoted(old.schema)}.${table}`, others),
      unread: unreadOf(table),
    };
  }
  return found;
}

async function valuesIn(
  sql: postgres.Sql,
  table: string,
  columns: readonly string[],
): Promise<Record<string, number>> {
  if (columns.length === 0) return {};
  const counts = columns.map((column) => `count(${quoted(column)}) as ${quoted(column)}`).join(", ");
  const [row] = await sql.unsafe(
    `select to_json(counted.*) as counts from (select ${counts} from ${table}) counted`,
  );
  return row?.counts;
}

/** The decisions about a call, and whether its rows have a report. */
export type Found = {
  readonly orgId: string | null;
  readonly agentId: string | null;
  readonly direction: Direction;
  readonly isReported: boolean;
};

/** The values of a call's rows that have no place in the ledger, by table; `null`: there are none. */
export function keptIn(rows: readonly OldRow[], found: Found): Json | null {
  const tables = new Map<OldTable, Record<string, Json>>();
  for (const row of rows.filter(({ table }) => isCallTable(table))) {
    const kept = Object.entries(row.fields).filter(
      ([column, value]) => says(value) && isKept(row, column, found),
    );
    if (kept.length > 0) tables.set(row.table, { ...Object.fromEntries(kept), ...tables.get(row.table) });
  }
  return tables.size === 0 ? null : boundedJson(Object.fromEntries(tables));
}

/**
 * Whether a value is kept under its column's name. Kept values are also: those that could not be read (an outcome of
 * the business, two numbers without a direction, an unknown agent); those for which another column was read; and those
 * that have a place only in a report, if there is none.
 */
function isKept(row: OldRow, column: string, { orgId, agentId, direction, isReported }: Found): boolean {
  if (!(READ[row.table].has(column) && isReadable(row, column))) return true;
  switch (column) {
    case "outcome":
    case "call_outcome":
      return !isPlainOutcome(row, column);
    case "from_number":
    case "to_number":
      return says(row.fields.from_number) && direction !== "inbound" && direction !== "outbound";
    case "org_id":
      return uuidOf(row, column) !== orgId;
    case "agent_id":
      return uuidOf(row, column) !== agentId;
    case "called_at":
      return row.table !== "call_tracking" || startOf(row) !== null;
    case "recording_signed_url_expires_at":
      return recordingsIn(row).sources.length === 0;
    default:
      return isOutdone(row, column) || (!isReported && OF_A_REPORT.has(column));
  }
}

function isOutdone(row: OldRow, column: string): boolean {
  const first = READ_FIRST[column] ?? "";
  const [value, before] = [row.fields[column], row.fields[first]];
  return says(before) && isReadable(row, first) && JSON.stringify(value) !== JSON.stringify(before);
}

/** The columns of a row whose value is not empty and could not be read. */
export function unreadIn(row: OldRow): string[] {
  return Object.entries(row.fields)
    .filter(([column, value]) => READ[row.table].has(column) && says(value) && !isReadable(row, column))
    .map(([column]) => column);
}

/** Returns whether a table has one row for each call. */
export function isCallTable(table: OldTable): boolean {
  return CALL_TABLES.some((one) => one === table);
}

function named(columns: string): ReadonlySet<string> {
  return new Set(columns.split(" "));
}

/** A quoted name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
