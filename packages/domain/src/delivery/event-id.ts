import type { CallEvent, CallFacts } from "../call/call-event.ts";
import { mergedTime } from "../call/call-event.ts";
import type { Digest } from "../call/report-version.ts";
import { reportContent } from "../call/report-version.ts";
import type { Json } from "../text/canonical-json.ts";
import { canonicalJson } from "../text/canonical-json.ts";

/** Whose event it is: with the account in its identity, no other account can occupy an event's id. */
export type EventOrigin = {
  readonly provider: string;
  readonly accountId: string;
  readonly providerCallId: string;
};

/**
 * The event's id, made from meaning: `<kind>:` and 128 bits of SHA-256 over origin, facts and effect.
 * It covers exactly what the merge reads, so equal ids mean equal effects; presigned URLs and envelope times
 * of reports are not in it, so a redelivery has the id of the first delivery.
 */
export function eventId(origin: EventOrigin, facts: CallFacts, event: CallEvent, digest: Digest): string {
  const identity: Json = [
    origin.provider,
    origin.accountId,
    origin.providerCallId,
    event.kind,
    mergedTime(event),
    { ...facts },
    effect(event),
  ];
  return `${event.kind.slice("call.".length)}:${digest(canonicalJson(identity)).slice(0, 22)}`;
}

function effect(event: CallEvent): Json {
  switch (event.kind) {
    case "call.progressed":
      return event.phase;
    case "call.ended":
      return event.ending;
    case "call.reported":
      return reportContent(event.report);
    case "call.transcribed":
      return event.segment;
    case "call.observed":
      return [event.type, event.discriminator];
  }
}
