import type { Direction, Json } from "@call-ledger/domain";
import { DIRECTIONS } from "@call-ledger/domain";
import { isKnownStatus } from "./call-status.ts";
import { saidIn } from "./conversation.ts";
import { storedPathAt, urlsIn } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import {
  deletionIn,
  dollarsOf,
  identifierOf,
  instantOf,
  isObject,
  isPlaceholder,
  jsonOf,
  secondsOf,
  textOf,
  truthOf,
  uuidOf,
} from "./old-row.ts";
import { segmentIn } from "./segments.ts";

type Reader = (row: OldRow, column: string) => unknown;

/** The readers of columns that are not just text, by the column's name. */
const READERS: ReadonlyMap<string, Reader> = new Map(
  (
    [
      [
        instantOf,
        "called_at started_at start_time ended_at end_time call_date created_at updated_at timestamp",
      ],
      [instantOf, "received_at recording_signed_url_expires_at"],
      [secondsOf, "duration_seconds"],
      [dollarsOf, "cost total_cost"],
      [truthOf, "voicemail answered active is_active"],
      [deletionIn, "deleted_at"],
      [uuidOf, "org_id organization_id agent_id lead_id"],
      [saidIn, "transcript transcript_text"],
      [segmentIn, "text"],
      [urlIn, "recording_url vapi_recording_url recording_signed_url"],
      [pathIn, "recording_storage_path recording_path"],
      [objectIn, "metadata"],
      [jsonOf, "sentiment sentiment_label sentiment_score sentiment_summary sentiment_urgency action_items"],
      [(row) => (isKnownStatus(row) ? true : null), "status"],
      [(row, column) => directionIn(row.fields[column]), "call_type direction call_direction"],
      [callIdIn, "vapi_call_id"],
      [identifierOf, "vapi_assistant_id vapi_phone_number_id"],
    ] satisfies [Reader, string][]
  ).flatMap(([reader, columns]) => columns.split(" ").map((column): [string, Reader] => [column, reader])),
);

/** Whether the reader of a column can read a row's value. */
export function isReadable(row: OldRow, column: string): boolean {
  return (READERS.get(column) ?? textOf)(row, column) !== null;
}

function urlIn(row: OldRow, column: string): URL | null {
  return urlsIn(row, column)[0]?.url ?? null;
}

function pathIn(row: OldRow, column: string): string | URL | null {
  return storedPathAt(row, column) ?? urlIn(row, column);
}

function objectIn(row: OldRow, column: string): Json | null {
  const value = jsonOf(row, column);
  return isObject(value) ? value : null;
}

function callIdIn(row: OldRow, column: string): string | null {
  const id = identifierOf(row, column);
  return id === null || isPlaceholder(id) ? null : id;
}

/**
 * The direction that a word names, such as `inbound`, `inboundPhoneCall` or `webCall`; `null`: another word, or none.
 */
export function directionIn(word: Json | undefined): Direction | null {
  const [found] = /^(?:inbound|outbound|web)/i.exec(typeof word === "string" ? word.trim() : "") ?? [];
  return DIRECTIONS.find((direction) => direction === found?.toLowerCase()) ?? null;
}
