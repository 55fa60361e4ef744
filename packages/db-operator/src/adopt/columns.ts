import type { OldTable, OldTables } from "@call-ledger/db/migrate";
import { says } from "@call-ledger/domain";
import type postgres from "postgres";
import type { OldRow } from "./old-row.ts";
import { isReadable } from "./readable.ts";

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

const UPLOAD = named("id org_id call_id vapi_call_id recording_url vapi_recording_url call_type created_at");

/** The columns that are read into the ledger, if a table has them. */
const READ: Readonly<Record<OldTable, ReadonlySet<string>>> = {
  organizations: named("id name created_at deleted_at"),
  agents: named(
    "id org_id organization_id name role vapi_assistant_id vapi_phone_number_id active is_active created_at deleted_at",
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
export type ColumnsOf = {
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
  /**
   * Columns with the number of rows whose value another row of the call outvoted. These are kept beside the kept ones,
   * as `outvoted`.
   */
  readonly outvoted: Readonly<Record<string, number>>;
};

/** The columns by table, for existing tables. */
export type Columns = Readonly<Partial<Record<OldTable | "inbound_agent_config", ColumnsOf>>>;

/** The columns that a query selects for the rows of a table. */
export function columnsToRead(old: OldTables, table: OldTable): string[] {
  return [...(old.columns.get(table) ?? [])].filter(
    (column) => isRead(table, column) || isKept(old, table, column),
  );
}

/** Whether the values of a column that is not read are kept. A value that is computed from others is no fact. */
function isKept({ computed }: OldTables, table: OldTable, column: string): boolean {
  return isCallTable(table) && !computed.has(`${table}.${column}`);
}

/**
 * Where each column of each old table went, after its rows were read. Counts rows in tables with columns that are left.
 */
export async function columnsOf(
  sql: postgres.Sql,
  old: OldTables,
  countsOf: (table: OldTable) => Pick<ColumnsOf, "unread" | "outvoted">,
): Promise<Columns> {
  const found: Partial<Record<OldTable, ColumnsOf>> = {};
  for (const [table, columns] of old.columns) {
    const all = [...columns].toSorted();
    const others = all.filter((column) => !isRead(table, column));
    const left = others.filter((column) => !isKept(old, table, column));
    found[table] = {
      read: all.filter((column) => isRead(table, column)),
      kept: others.filter((column) => isKept(old, table, column)),
      left: await valuesIn(sql, `${quoted(old.schema)}.${table}`, left),
      ...countsOf(table),
    };
  }
  return found;
}

/** Returns the number of values in each of these columns. */
export async function valuesIn(
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

/** The columns of a row whose value is not empty and could not be read. */
export function unreadIn(row: OldRow): string[] {
  return Object.entries(row.fields)
    .filter(
      ([column, value]) =>
        isRead(row.table, column) && value !== undefined && says(value) && !isReadable(row, column),
    )
    .map(([column]) => column);
}

/** Whether a column of a table is read into the ledger. */
export function isRead(table: OldTable, column: string): boolean {
  return READ[table].has(column);
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
