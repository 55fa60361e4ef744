import type { CallEvent, CallFacts, Direction, Instant, Json } from "@call-ledger/domain";
import { NO_FACTS } from "@call-ledger/domain";
import type { Attribution } from "./attribution.ts";
import type { EndingNamed } from "./endings.ts";
import { endingOf } from "./endings.ts";
import type { Outvoted } from "./kept-values.ts";
import { keptValues, metadataIn, metadataOf } from "./kept-values.ts";
import { liveEventsOf } from "./live-events.ts";
import { storedPathIn, wantsRecording } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { carrierCallIdIn, instantOf, partyIn, textOf, uuidOf } from "./old-row.ts";
import { firstOf } from "./precedence.ts";
import { directionIn } from "./readable.ts";
import { reportEvents, reportOf } from "./report.ts";
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
  /** Values that another row outvoted. They are in the events or in the metadata. */
  readonly outvoted: readonly Outvoted[];
};

/**
 * Translates the rows of one call, which have their order. Times, numbers and texts are those of the old system. The
 * ledger's merge joins them with earlier and later deliveries of the provider.
 */
export function adoptedCall({ rows, orgId, agent }: Attribution, endingNamed: EndingNamed): AdoptedCall {
  const facts = factsOf(rows, agent?.role ?? undefined);
  const ending = endingOf(rows, endingNamed);
  const phases = liveEventsOf(rows, ending);
  const found = reportOf(rows);
  const metadata = metadataOf(rows);
  const leadId = firstOf(rows, (row) => uuidOf(row, "lead_id"));
  const path = firstOf(rows, storedPathIn);
  const { kept, outvoted } = keptValues(rows, {
    ...{ orgId, agentId: agent?.id ?? null, leadId, facts, metadata, ending, phases, path },
    report: found?.report ?? null,
  });
  const report = found === null ? [] : reportEvents(found, kept);
  const events = [...phases, ...report, ...segmentsOf(rows)];
  const created = rows.flatMap((row) => instantOf(row, "created_at") ?? []);
  const notes = found === null && kept !== null ? { ...metadata, adopted: kept } : metadata;
  return {
    facts,
    events: events.length > 0 ? events : sightingsIn(rows),
    leadId,
    metadata: Object.keys(notes).length === 0 ? null : notes,
    createdAt: created.length === 0 ? null : Math.min(...created),
    recording: rows.some(wantsRecording) ? { path } : null,
    outvoted,
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
  return {
    ...NO_FACTS,
    direction,
    customerNumber: numberAmong(parties.flatMap(({ customer }) => customer)),
    ourNumber: numberAmong(parties.map(({ ours }) => ours)),
    customerName: firstOf(rows, (row) => partyIn(row, "caller_name")),
    carrierCallId: firstOf(
      rows,
      (row) => carrierCallIdIn(row, "call_sid") ?? carrierCallIdIn(row, "twilio_call_sid"),
    ),
    forwardedTo: firstOf(rows, (row) => textOf(row, "transfer_to")),
  };
}

/**
 * The two parties of a row. The webhooks wrote the customer's number into `to_number` for every direction. Readers of
 * the carrier wrote both numbers as the carrier has them; then the direction says which is the customer's.
 */
function partiesIn(row: OldRow, direction: Direction): Parties {
  const [from, to] = [partyIn(row, "from_number"), partyIn(row, "to_number")];
  const theirs = [partyIn(row, "phone"), partyIn(row, "phone_number")];
  if (textOf(row, "from_number") === null) return { customer: [...theirs, to], ours: null };
  if (direction === "inbound") return { customer: [...theirs, from], ours: to };
  return direction === "outbound"
    ? { customer: [...theirs, to], ours: from }
    : { customer: theirs, ours: null };
}

type Parties = { readonly customer: readonly (string | null)[]; readonly ours: string | null };

function numberAmong(texts: readonly (string | null)[]): string | null {
  const numbers = texts.filter((text) => text !== null);
  return numbers.find((number) => number.startsWith("+")) ?? numbers[0] ?? null;
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
