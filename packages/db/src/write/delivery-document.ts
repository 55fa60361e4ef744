import type {
  CallEvent,
  CallFacts,
  Channel,
  Instant,
  RecordingLink,
  RecordingSource,
  Report,
} from "@call-ledger/domain";
import { CHANNELS, endingRank, mergedTime, recordingUrlOf, speaksOfState } from "@call-ledger/domain";
import { packPayload } from "./payload-codec.ts";
import type { PayloadReferences } from "./payload-references.ts";

/** An event with the keys that the domain gives it. */
export type KeyedEvent = {
  readonly eventId: string;
  /** Of a report, else `null`. */
  readonly reportVersion: string | null;
  readonly event: CallEvent;
};

/** A verified delivery, ready to be stored. */
export type DeliveryToRecord = {
  readonly provider: string;
  readonly accountId: string;
  readonly receivedAt: Instant;
  readonly providerDeliveryId: string | null;
  /** The provider's name for the kind of delivery. */
  readonly type: string;
  /** JSON text (or what came instead) without secrets; may be made when it is asked for, so it is not asked for lightly. */
  readonly payload: string;
  readonly content:
    | {
        readonly providerCallId: string;
        readonly facts: CallFacts;
        readonly events: readonly KeyedEvent[];
        /** The reply will name the agent. */
        readonly wantsAgent: boolean;
      }
    | {
        /** Not bookable at all. */
        readonly refusal: "unparseable" | "no_call" | "refused";
        readonly detail: string | null;
        /** What makes two such deliveries the same. */
        readonly contentKey: string;
      };
};

/** The first parameter of `record_deliveries`: a JSON array of `call_ledger.incoming_event`. */
export type IncomingEvents = {
  readonly items: readonly object[];
  /** By item: the index of its delivery, from 0. */
  readonly deliveryOf: readonly number[];
};

/** Both parameters of `record_deliveries`: the events, and a payload a delivery. */
export type DeliveryDocument = IncomingEvents & {
  readonly payloads: readonly Buffer[];
  /** The payloads before they were packed. */
  readonly texts: readonly Buffer[];
};

/**
 * Recordings of other channels than `channels` are not queued. With `references` a payload is packed with what its call
 * has stored already.
 */
export function deliveryDocument(
  deliveries: readonly DeliveryToRecord[],
  channels: readonly Channel[] = CHANNELS,
  references?: PayloadReferences,
): DeliveryDocument {
  const texts = deliveries.map(({ payload }) => Buffer.from(payload));
  const payloads = texts.map((text, index) => {
    const call = callOf(deliveries[index]);
    return packPayload(text, call === null ? undefined : references?.find(call, text.length));
  });
  return { ...incomingEvents(deliveries, channels), payloads, texts };
}

/** The events of deliveries, numbered through; their payloads are not read. */
export function incomingEvents(
  deliveries: readonly DeliveryToRecord[],
  channels: readonly Channel[],
): IncomingEvents {
  const items: object[] = [];
  const deliveryOf: number[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    for (const item of itemsOf(delivery, channels)) {
      items.push({ ord: items.length + 1, delivery: index + 1, ...item });
      deliveryOf.push(index);
    }
  }
  return { items, deliveryOf };
}

/** What tells a call from every other, in this process; `null` where the delivery names none. */
export function callOf(delivery: DeliveryToRecord | undefined): string | null {
  if (delivery === undefined || !("events" in delivery.content)) return null;
  return `${delivery.accountId} ${delivery.content.providerCallId}`;
}

function itemsOf(delivery: DeliveryToRecord, channels: readonly Channel[]): object[] {
  const { content } = delivery;
  const common = {
    account_id: delivery.accountId,
    provider: delivery.provider,
    provider_delivery_id: delivery.providerDeliveryId,
    event_type: delivery.type,
    received_at: timestamp(delivery.receivedAt),
  };
  if ("refusal" in content) {
    const { refusal, detail, contentKey } = content;
    return [{ ...common, leads: true, refusal, detail, content_key: contentKey }];
  }
  const facts = {
    provider_call_id: content.providerCallId,
    wants_agent: content.wantsAgent,
    provider_agent_id: content.facts.providerAgentId,
    provider_phone_number_id: content.facts.providerPhoneNumberId,
    our_number: content.facts.ourNumber,
    customer_number: content.facts.customerNumber,
    direction: content.facts.direction,
    content_key: content.events[0]?.eventId,
  };
  return content.events.map((keyed, place) => ({
    ...common,
    ...facts,
    leads: place === 0,
    event_id: keyed.eventId,
    event_type: keyed.event.type,
    kind: keyed.event.kind,
    speaks: speaksOfState(keyed.event),
    occurred_at: timestamp(keyed.event.occurredAt),
    merged_at: timestamp(mergedTime(keyed.event)),
    ...saying(keyed, channels),
  }));
}

function saying({ event, reportVersion }: KeyedEvent, kept: readonly Channel[]): object {
  switch (event.kind) {
    case "call.progressed":
      return { phase: event.phase };
    case "call.ended":
      return {
        phase: "ended",
        ended_reason: event.ending?.reason,
        outcome: event.ending?.outcome,
        ended_rank: event.ending === null ? null : endingRank(event.ending),
      };
    case "call.reported":
      return {
        report_version: reportVersion,
        report: reportColumns(event.report),
        recordings: recordingsOf(event.report.recordings, event.sources, kept),
      };
    case "call.transcribed":
      return { segment_role: event.segment.role, segment_text: event.segment.text };
    case "call.observed":
      return {};
  }
}

function reportColumns(report: Report): object {
  return {
    transcript: report.transcript,
    messages: report.messages,
    summary: report.summary,
    analysis: report.analysis,
    cost_usd: report.costUsd,
    cost_breakdown: report.costBreakdown,
    started_at: timestamp(report.startedAt),
    ended_at: timestamp(report.endedAt),
    ended_reason: report.ending?.reason,
    outcome: report.ending?.outcome,
    duration_seconds: report.durationSeconds,
    recording_url: recordingUrlOf(report),
  };
}

export function recordingsOf(
  links: readonly RecordingLink[],
  sources: readonly RecordingSource[],
  kept: readonly Channel[],
): object[] | undefined {
  const named = new Set([...links, ...sources].map(({ channel }) => channel));
  const channels = kept.filter((channel) => named.has(channel));
  if (channels.length === 0) return undefined;
  return channels.map((channel) => {
    const source = sources.find((candidate) => candidate.channel === channel);
    return {
      channel,
      recording_url: links.find((link) => link.channel === channel)?.url,
      source_url: source?.url,
      source_expires_at: timestamp(source?.expiresAt ?? null),
    };
  });
}

function timestamp(instant: Instant | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}
