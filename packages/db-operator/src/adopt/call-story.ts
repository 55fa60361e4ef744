import type { CallEvent, CallFacts, Direction, Instant, Json } from "@call-ledger/domain";
import { NO_FACTS } from "@call-ledger/domain";
import type { EndingNamed } from "./endings.ts";
import { endingsOf } from "./endings.ts";
import { liveEventsOf } from "./live-events.ts";
import { storedPathIn, wantsRecording } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, isObject, jsonOf, textOf, uuidOf, wordOf } from "./old-row.ts";
import { reportOf } from "./report.ts";
import { segmentsOf } from "./segments.ts";

/** What the old rows of one call tell of it. */
export type CallStory = {
  readonly facts: CallFacts;
  readonly events: readonly CallEvent[];
  readonly leadId: string | null;
  readonly metadata: Json | null;
  /** Of the oldest row. */
  readonly createdAt: Instant | null;
  /** `null`: the old system had no recording to keep. Without a path the recording has still to be fetched. */
  readonly recording: { readonly path: string | null } | null;
};

/**
 * Translates the rows of one call. Times, numbers and texts are those of the old system; the ledger's merge joins them
 * with what the provider has delivered or will deliver.
 */
export function storyOf(rows: readonly OldRow[], role: string | null, endingNamed: EndingNamed): CallStory {
  const events = [
    ...liveEventsOf(rows, endingsOf(rows, endingNamed)),
    ...reportOf(rows),
    ...segmentsOf(rows),
  ];
  const created = rows.flatMap((row) => instantOf(row, "created_at") ?? []);
  const paths = rows.flatMap((row) => storedPathIn(row) ?? []);
  return {
    facts: factsOf(rows, role),
    events: events.length > 0 ? events : sightingsIn(rows),
    leadId: rows.map((row) => uuidOf(row, "lead_id")).find((id) => id !== null) ?? null,
    metadata: metadataOf(rows),
    createdAt: created.length === 0 ? null : Math.min(...created),
    recording: rows.some(wantsRecording) ? { path: paths[0] ?? null } : null,
  };
}

/** The agent's role speaks for the direction only where no row does: an agent for inbound calls may have called back. */
function factsOf(rows: readonly OldRow[], role: string | null): CallFacts {
  const numbers = ["phone", "to_number", "phone_number"].flatMap((column) =>
    rows.flatMap((row) => textOf(row, column) ?? []),
  );
  const said = rows.flatMap((row) => [
    directionIn(wordOf(row, "call_type")),
    directionIn(metadataIn(row).channel),
  ]);
  return {
    ...NO_FACTS,
    customerNumber: numbers.find((number) => number.startsWith("+")) ?? numbers[0] ?? null,
    direction: [...said, directionIn(role)].find((direction) => direction !== "unknown") ?? "unknown",
  };
}

function directionIn(word: Json | undefined): Direction {
  return word === "inbound" || word === "outbound" || word === "web" ? word : "unknown";
}

/** What both tables have noted, the live one's word before the other's. */
function metadataOf(rows: readonly OldRow[]): Json | null {
  const notes = rows.toReversed().map(metadataIn);
  const metadata = Object.assign({}, ...notes);
  return Object.keys(metadata).length === 0 ? null : metadata;
}

function metadataIn(row: OldRow): { readonly [key: string]: Json } {
  const value = jsonOf(row, "metadata");
  return isObject(value) ? value : {};
}

/** Of a call that only the old replay guards know, or rows that say nothing else: that it was heard of. */
function sightingsIn(rows: readonly OldRow[]): CallEvent[] {
  return rows.map((row) => ({
    kind: "call.observed",
    type: textOf(row, "event_type") ?? `adopted.${row.table}`,
    occurredAt: null,
    discriminator: textOf(row, "event_id") ?? row.id,
    details: null,
  }));
}
