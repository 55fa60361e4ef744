import type { CallEvent, CallFacts, Direction, Instant, Json } from "@call-ledger/domain";
import { NO_FACTS } from "@call-ledger/domain";
import type { Attribution } from "./attribution.ts";
import { keptIn } from "./columns.ts";
import type { EndingNamed } from "./endings.ts";
import { endingsOf } from "./endings.ts";
import { liveEventsOf } from "./live-events.ts";
import { storedPathIn, wantsRecording } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, isObject, jsonOf, textOf, uuidOf } from "./old-row.ts";
import { directionIn } from "./readable.ts";
import { reportOf } from "./report.ts";
import { segmentsOf } from "./segments.ts";

/** The facts of the old rows of one call. */
export type AdoptedCall = {
  readonly facts: CallFacts;
  readonly events: readonly CallEvent[];
  readonly leadId: string | null;
  readonly metadata: Json | null;
  /** The time at which the oldest row was made. */
  readonly createdAt: Instant | null;
  /** `null`: the old system had no recording to keep. `path` null: the recording must still be fetched. */
  readonly recording: { readonly path: string | null } | null;
};

/**
 * Translates the rows of one call. Times, numbers and texts are those of the old system. The ledger's merge joins them
 * with earlier and later deliveries of the provider.
 */
export function adoptedCall({ rows, orgId, agent }: Attribution, endingNamed: EndingNamed): AdoptedCall {
  const facts = factsOf(rows, agent?.role ?? undefined);
  const of = { orgId, agentId: agent?.id ?? null, direction: facts.direction };
  const report = reportOf(rows, keptIn(rows, { ...of, isReported: true }));
  const events = [...liveEventsOf(rows, endingsOf(rows, endingNamed)), ...report, ...segmentsOf(rows)];
  const created = rows.flatMap((row) => instantOf(row, "created_at") ?? []);
  const paths = rows.flatMap((row) => storedPathIn(row) ?? []);
  return {
    facts,
    events: events.length > 0 ? events : sightingsIn(rows),
    leadId: rows.map((row) => uuidOf(row, "lead_id")).find((id) => id !== null) ?? null,
    metadata: metadataOf(rows, report.length === 0 ? keptIn(rows, { ...of, isReported: false }) : null),
    createdAt: created.length === 0 ? null : Math.min(...created),
    recording: rows.some(wantsRecording) ? { path: paths[0] ?? null } : null,
  };
}

/**
 * The facts of a call. The agent's role decides the direction only if no row does, because an inbound agent may call
 * back.
 */
function factsOf(rows: readonly OldRow[], role: string | undefined): CallFacts {
  const directions = rows.flatMap((row) => [
    ...["call_type", "direction", "call_direction"].map((column) => directionIn(row.fields[column])),
    directionIn(metadataIn(row).channel),
  ]);
  const direction = [...directions, directionIn(role)].find((one) => one !== null) ?? "unknown";
  const parties = rows.map((row) => partiesIn(row, direction));
  const theirs = ["phone", "phone_number"].flatMap((column) =>
    rows.flatMap((row) => textOf(row, column) ?? []),
  );
  return {
    ...NO_FACTS,
    direction,
    customerNumber: numberAmong([...theirs, ...parties.map(({ customer }) => customer)]),
    ourNumber: numberAmong(parties.map(({ ours }) => ours)),
    customerName: firstText(rows, ["caller_name"], /^unknown$/i),
    // The old system invented a carrier's id if it had none.
    carrierCallId: firstText(rows, ["call_sid", "twilio_call_sid"], /^vapi-/),
    forwardedTo: firstText(rows, ["transfer_to"]),
  };
}

/**
 * The two parties of a row. The webhooks wrote the customer's number into `to_number` for every direction. Readers of
 * the carrier wrote both numbers as the carrier has them; then the direction says which is the customer's.
 */
function partiesIn(row: OldRow, direction: Direction): Record<"customer" | "ours", string | null> {
  const [from, to] = [textOf(row, "from_number"), textOf(row, "to_number")];
  if (from === null) return { customer: to, ours: null };
  if (direction === "inbound") return { customer: from, ours: to };
  return direction === "outbound" ? { customer: to, ours: from } : { customer: null, ours: null };
}

function numberAmong(texts: readonly (string | null)[]): string | null {
  const numbers = texts.filter((text) => text !== null);
  return numbers.find((number) => number.startsWith("+")) ?? numbers[0] ?? null;
}

function firstText(rows: readonly OldRow[], columns: readonly string[], saysNothing?: RegExp): string | null {
  const texts = rows.flatMap((row) => columns.map((column) => textOf(row, column)));
  return texts.find((text) => text !== null && saysNothing?.test(text) !== true) ?? null;
}

/** The metadata of both tables. The values of the live table win. */
function metadataOf(rows: readonly OldRow[], adopted: Json | null): Json | null {
  const notes = rows.toReversed().map(metadataIn);
  const metadata = Object.assign({}, ...notes, adopted === null ? {} : { adopted });
  return Object.keys(metadata).length === 0 ? null : metadata;
}

function metadataIn(row: OldRow): { readonly [key: string]: Json } {
  const value = jsonOf(row, "metadata");
  return isObject(value) ? value : {};
}

/** The event that a call exists, for calls of which only replay guards or rows without other facts exist. */
function sightingsIn(rows: readonly OldRow[]): CallEvent[] {
  return rows.map((row) => ({
    kind: "call.observed",
    type: textOf(row, "event_type") ?? `adopted.${row.table}`,
    occurredAt: null,
    discriminator: textOf(row, "event_id") ?? row.id,
    details: null,
  }));
}
