import type { CallEvent, CallFacts } from "../call/call-event.ts";
import { mergedTime } from "../call/call-event.ts";
import { endingContent } from "../call/outcome.ts";
import type { Digest } from "../call/report-version.ts";
import { reportContent, versionOf } from "../call/report-version.ts";
import { canonicalJson } from "../text/canonical-json.ts";
import type { Json } from "../text/json.ts";
import { withoutNulls } from "../text/json.ts";

/** The owner of an event. The id contains the account, so an account cannot take the id of another account's event. */
export type EventOrigin = {
  readonly provider: string;
  readonly accountId: string;
  readonly providerCallId: string;
};

/**
 * Returns the event's id, which is made from its meaning: `<kind>:` and 128 bits of SHA-256 over origin, facts and
 * effect. The hash covers exactly the facts that the merge reads, so equal ids mean equal effects. It does not cover
 * presigned URLs and envelope times of reports, so a redelivery has the id of the first delivery.
 */
export function eventId(origin: EventOrigin, facts: CallFacts, event: CallEvent, digest: Digest): string {
  return identify(origin, facts, event, canonicalJson(effect(event)), digest);
}

/** An event with the keys that are computed from its meaning. */
export type KeyedEvent = {
  readonly eventId: string;
  /** Of a report, else `null`. */
  readonly reportVersion: string | null;
  readonly event: CallEvent;
};

/** Returns the events of a delivery with their keys, in the same order. Writes out a report's content only once. */
export function keyEvents(
  origin: EventOrigin,
  facts: CallFacts,
  events: readonly CallEvent[],
  digest: Digest,
): KeyedEvent[] {
  return events.map((event) => {
    const effectText = canonicalJson(effect(event));
    return {
      eventId: identify(origin, facts, event, effectText, digest),
      reportVersion: event.kind === "call.reported" ? versionOf(event.report, effectText, digest) : null,
      event,
    };
  });
}

/** The identity is the canonical JSON of a list. Its last element, the effect, is given as text. */
function identify(
  { provider, accountId, providerCallId }: EventOrigin,
  facts: CallFacts,
  event: CallEvent,
  effectText: string,
  digest: Digest,
): string {
  const about = canonicalJson([
    provider,
    accountId,
    providerCallId,
    event.kind,
    mergedTime(event),
    factsContent(facts),
  ]);
  const identity = `${about.slice(0, -1)},${effectText}]`;
  return `${event.kind.slice("call.".length)}:${digest(identity).slice(0, 22)}`;
}

/**
 * Returns facts as part of an event's identity. Facts that older releases did not have are left out if they are null,
 * so that ids do not change.
 */
export function factsContent({
  alsoNamed,
  customerName,
  forwardedTo,
  forwardedAt,
  carrierCallId,
  ...facts
}: CallFacts): Json {
  return { ...facts, ...withoutNulls({ alsoNamed, customerName, forwardedTo, forwardedAt, carrierCallId }) };
}

function effect(event: CallEvent): Json {
  switch (event.kind) {
    case "call.progressed":
      return event.phase;
    case "call.ended":
      return endingContent(event.ending);
    case "call.reported":
      return reportContent(event.report);
    case "call.transcribed":
      return { role: event.segment.role, text: event.segment.text };
    case "call.observed":
      return [event.type, event.discriminator];
  }
}
