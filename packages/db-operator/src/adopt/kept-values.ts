import type { OldTable } from "@call-ledger/db/migrate";
import type { CallEvent, CallFacts, Ending, Json, Report } from "@call-ledger/domain";
import { boundedJson, says } from "@call-ledger/domain";
import { startOf } from "./call-status.ts";
import { isCallTable, isRead } from "./columns.ts";
import { saidIn } from "./conversation.ts";
import { isPlainOutcome, outcomeNamed } from "./endings.ts";
import { isUpload, recordingsIn, storedPathAt, URL_COLUMNS, urlsIn } from "./old-recordings.ts";
import type { JsonObject, OldRow } from "./old-row.ts";
import {
  carrierCallIdIn,
  dollarsOf,
  instantOf,
  isObject,
  jsonOf,
  partyIn,
  secondsOf,
  textOf,
  truthOf,
  uuidOf,
} from "./old-row.ts";
import { directionIn, isReadable } from "./readable.ts";
import { NOTED } from "./report.ts";

/** What the ledger gets of a call. Values of the rows that are not in it are kept beside it. */
export type Booked = {
  readonly orgId: string | null;
  readonly agentId: string | null;
  readonly leadId: string | null;
  readonly facts: CallFacts;
  readonly metadata: JsonObject;
  readonly ending: Ending | null;
  readonly phases: readonly CallEvent[];
  readonly path: string | null;
  readonly report: Report | null;
};

/** A value that another row of the call outvoted. */
export type Outvoted = { readonly table: OldTable; readonly column: string };

export type KeptValues = {
  /**
   * By table and column, values without a place in the ledger, and in `outvoted` those that another row outvoted;
   * `null`: there are none.
   */
  readonly kept: Json | null;
  readonly outvoted: readonly Outvoted[];
};

/** Why a value is not in the ledger: it has no place there, or another row has the fact. */
type Lost = { readonly value: Json; readonly to: "no place" | "a row" };

/** Collects the values of a call's rows that the ledger does not get. The rows have their order. */
export function keptValues(rows: readonly OldRow[], booked: Booked): KeptValues {
  const kept = new Map<OldTable, Map<string, Json>>();
  const others = new Map<OldTable, Map<string, Json[]>>();
  const outvoted: Outvoted[] = [];
  for (const row of rows.filter((one) => isCallTable(one.table) || isUpload(one))) {
    const { table } = row;
    for (const column of Object.keys(row.fields)) {
      const lost = lostIn(row, column, booked);
      if (lost === null) continue;
      const first = kept.get(table)?.get(column);
      if (lost.to === "no place" && first === undefined) entry(kept, table).set(column, lost.value);
      else if (lost.to === "a row" || !isSame(first, lost.value)) {
        outvoted.push({ table, column });
        const values = entry(others, table).get(column) ?? [];
        if (!values.some((value) => isSame(value, lost.value))) values.push(lost.value);
        entry(others, table).set(column, values);
      }
    }
  }
  if (kept.size + others.size === 0) return { kept: null, outvoted };
  const beside = others.size === 0 ? {} : { outvoted: plain(others) };
  return { kept: boundedJson({ ...plain(kept), ...beside }), outvoted };
}

function entry<V>(of: Map<OldTable, Map<string, V>>, table: OldTable): Map<string, V> {
  const found = of.get(table) ?? new Map<string, V>();
  of.set(table, found);
  return found;
}

function plain(of: ReadonlyMap<OldTable, ReadonlyMap<string, Json>>): JsonObject {
  return Object.fromEntries([...of].map(([table, columns]) => [table, Object.fromEntries(columns)]));
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Returns what is lost of a value; `null`: the value is empty, or the ledger gets it. */
function lostIn(row: OldRow, column: string, booked: Booked): Lost | null {
  const value = row.fields[column];
  if (value === undefined || !says(value)) return null;
  if (isUpload(row)) return URL_COLUMNS.includes(column) ? lostUrl(row, column, booked) : null;
  if (!(isRead(row.table, column) && isReadable(row, column))) return { value, to: "no place" };
  if (URL_COLUMNS.includes(column) && storedPathAt(row, column) === null) return lostUrl(row, column, booked);
  if (column === "metadata") return lostKeys(row, booked);
  if (OUTCOMES.includes(column)) return lostOutcome(row, column, booked);
  const fact = FACT_OF.get(column);
  if (fact === undefined) return hasNoPlace(row, column, booked) ? { value, to: "no place" } : null;
  if (fact.read(row, column) === null || fact.isBooked(row, column, booked)) return null;
  const isByRow = fact.isKnown(booked, row) && !fact.columns.some((one) => fact.isBooked(row, one, booked));
  return { value, to: isByRow ? "a row" : "no place" };
}

/** Columns that say the same fact. `read`: null if a value says nothing. `isBooked`: the ledger gets the value. */
type Fact = {
  readonly columns: readonly string[];
  readonly read: (row: OldRow, column: string) => Json | null;
  readonly isBooked: (row: OldRow, column: string, booked: Booked) => boolean;
  readonly isKnown: (booked: Booked, row: OldRow) => boolean;
};

function fact(
  columns: string,
  read: Fact["read"],
  winner: (booked: Booked, row: OldRow, column: string) => Json | null | undefined,
): Fact {
  const names = columns.split(" ");
  return {
    columns: names,
    read,
    isBooked: (row, column, booked) => {
      const value = read(row, column);
      return value !== null && isSame(value, winner(booked, row, column) ?? null);
    },
    isKnown: (booked, row) => names.some((column) => (winner(booked, row, column) ?? null) !== null),
  };
}

/** The number that a column of a row names: the customer's or ours. */
function numberBooked({ facts }: Booked, row: OldRow, column: string): string | null {
  const isOfCarrier = textOf(row, "from_number") !== null && /^(?:from|to)_number$/.test(column);
  if (!isOfCarrier) return facts.customerNumber;
  if (facts.direction !== "inbound" && facts.direction !== "outbound") return null;
  const isCustomers = (column === "from_number") === (facts.direction === "inbound");
  return isCustomers ? facts.customerNumber : facts.ourNumber;
}

function timeBooked(time: "startedAt" | "endedAt"): Parameters<typeof fact>[2] {
  return ({ report, phases }, row, column) => {
    const own = instantOf(row, column);
    return phases.some(({ occurredAt }) => own !== null && occurredAt === own) ? own : report?.[time];
  };
}

const FACTS: readonly Fact[] = [
  fact("agent_id", uuidOf, ({ agentId }) => agentId),
  fact("lead_id", uuidOf, ({ leadId }) => leadId),
  fact("phone phone_number from_number to_number", partyIn, numberBooked),
  fact("caller_name", partyIn, ({ facts }) => facts.customerName),
  fact("call_sid twilio_call_sid", carrierCallIdIn, ({ facts }) => facts.carrierCallId),
  fact("transfer_to", textOf, ({ facts }) => facts.forwardedTo),
  fact(
    "call_type direction call_direction",
    (row, column) => directionIn(row.fields[column]),
    ({ facts }) => facts.direction,
  ),
  fact("cost total_cost", dollarsOf, ({ report }) => report?.costUsd),
  fact("start_time started_at call_date", instantOf, timeBooked("startedAt")),
  fact("ended_at end_time", instantOf, timeBooked("endedAt")),
  fact("duration_seconds", secondsOf, ({ report }) => report?.durationSeconds),
  fact("transcript transcript_text", saidIn, ({ report }, row, column) =>
    typeof saidIn(row, column) === "string" ? report?.transcript : report?.messages,
  ),
  fact("recording_storage_path recording_path", storedPathAt, ({ path }) => path),
  fact("outcome_summary", textOf, ({ report }) => report?.summary),
  ...NOTED.map((note) =>
    fact(note, jsonOf, ({ report }) => (isObject(report?.analysis) ? report.analysis[note] : null)),
  ),
];

const FACT_OF = new Map(FACTS.flatMap((one) => one.columns.map((column) => [column, one] as const)));

/** Whether a value of a column that is no fact of its own has no place in the ledger. */
function hasNoPlace(row: OldRow, column: string, { orgId, phases, ending }: Booked): boolean {
  switch (column) {
    case "org_id":
      return uuidOf(row, column) !== orgId;
    case "called_at":
      return !phases.some(({ occurredAt }) => occurredAt === instantOf(row, column)) || startOf(row) !== null;
    case "answered":
      return (
        truthOf(row, column) === true &&
        ending?.outcome !== "completed" &&
        !phases.some((event) => event.kind === "call.progressed" && event.phase === "in_progress")
      );
    case "recording_signed_url_expires_at":
      return recordingsIn(row).sources.length === 0;
    default:
      return false;
  }
}

const OUTCOMES = ["status", "call_outcome", "outcome", "voicemail"];

/** An outcome is lost if it describes the business, or if the call ended in another way. `completed` says nothing. */
function lostOutcome(row: OldRow, column: string, { ending }: Booked): Lost | null {
  const value = row.fields[column] ?? null;
  const said = (name: string) => {
    if (name === "voicemail") return truthOf(row, name) === true ? "voicemail" : null;
    return outcomeNamed(row, name);
  };
  if (/outcome/.test(column) && !isPlainOutcome(row, column)) return { value, to: "no place" };
  const outcome = said(column);
  if (outcome === null || outcome === "completed" || outcome === ending?.outcome) return null;
  const isByRow = ending !== null && !OUTCOMES.some((name) => said(name) === ending.outcome);
  return { value, to: isByRow ? "a row" : "no place" };
}

/**
 * The name under which the ledger keeps these values in a call's metadata, so that the application's own moves away.
 */
const OURS = "adopted";

function lostKeys(row: OldRow, { metadata }: Booked): Lost | null {
  const own = jsonOf(row, "metadata");
  if (!isObject(own)) return null;
  const lost = Object.entries(own).filter(([key, value]) => !isSame(metadata[key], value));
  if (lost.length === 0) return null;
  return { value: Object.fromEntries(lost), to: lost.every(([key]) => key === OURS) ? "no place" : "a row" };
}

/** The metadata of all rows; the first row that has a key decides. */
export function metadataOf(rows: readonly OldRow[]): JsonObject {
  const { [OURS]: _, ...metadata } = Object.assign({}, ...rows.toReversed().map(metadataIn));
  return metadata;
}

export function metadataIn(row: OldRow): JsonObject {
  const value = jsonOf(row, "metadata");
  return isObject(value) ? value : {};
}

/**
 * A URL is lost if another one stands for its channel. The old system's signed link is not kept beside another URL of
 * its row, because such links end after an hour.
 */
function lostUrl(row: OldRow, column: string, { report }: Booked): Lost | null {
  const isOurs = ({ channel, url }: ReturnType<typeof urlsIn>[number]) =>
    report?.recordings.some((one) => one.channel === channel && one.url === url.origin + url.pathname);
  const lost = urlsIn(row, column).filter((one) => isOurs(one) !== true);
  const others = URL_COLUMNS.filter((one) => one !== column).flatMap((one) => urlsIn(row, one));
  if (lost.length === 0 || (column === "recording_signed_url" && others.length > 0)) return null;
  return {
    value: row.fields[column] ?? null,
    to: others.some((one) => isOurs(one) === true) || report === null ? "no place" : "a row",
  };
}
