import type {
  CallFacts,
  Channel,
  Instant,
  KeyedEvent,
  RecordingLink,
  RecordingSource,
  Report,
} from "@call-ledger/domain";
import { channelsKept, endingRank, mergedTime, reportFields, speaksOfState } from "@call-ledger/domain";
import type { DeliveryToBook } from "./delivery-to-book.ts";

/**
 * Returns a delivery's events as `call_ledger.incoming_event`, without their places in a batch. Does not read the
 * payload. Recordings of other channels than `channels` are queued only if the call has none of these.
 */
export function eventItems(delivery: DeliveryToBook, channels: readonly Channel[]): object[] {
  const { content } = delivery;
  const common = {
    account_id: delivery.accountId,
    provider: delivery.provider,
    provider_delivery_id: delivery.providerDeliveryId,
    event_type: delivery.type,
    received_at: timestamp(delivery.receivedAt),
  };
  if ("refusal" in content) {
    const { refusal, waits, detail, contentKey } = content;
    return [{ ...common, leads: true, refusal, waits, detail, content_key: contentKey }];
  }
  const facts = {
    provider_call_id: content.providerCallId,
    wants_agent: content.wantsAgent,
    provider_agent_id: content.facts.providerAgentId,
    provider_phone_number_id: content.facts.providerPhoneNumberId,
    our_number: content.facts.ourNumber,
    also_named: alsoNamedItem(content.facts),
    customer_number: content.facts.customerNumber,
    customer_name: content.facts.customerName,
    forwarded_to: content.facts.forwardedTo,
    forwarded_at: timestamp(content.facts.forwardedAt) ?? undefined,
    carrier_call_id: content.facts.carrierCallId,
    direction: content.facts.direction,
    source: content.source,
    content_key: content.events[0]?.eventId,
  };
  return content.events.map((keyed, place) => ({
    ...common,
    ...facts,
    leads: place === 0,
    prompts: content.prompts?.length ? content.prompts : undefined,
    event_id: keyed.eventId,
    event_type: keyed.event.type,
    kind: keyed.event.kind,
    speaks: speaksOfState(keyed.event),
    occurred_at: timestamp(keyed.event.occurredAt),
    merged_at: timestamp(mergedTime(keyed.event)),
    ...saying(keyed, channels),
  }));
}

/** Returns `undefined` if nothing else is named, so that an item does not get longer. */
export function alsoNamedItem({ alsoNamed }: Pick<CallFacts, "alsoNamed">): object | undefined {
  if (alsoNamed === null) return undefined;
  const { agentIds, phoneNumberIds, ourNumbers } = alsoNamed;
  return { agent_ids: agentIds, phone_number_ids: phoneNumberIds, our_numbers: ourNumbers };
}

function saying({ event, reportVersion }: KeyedEvent, kept: readonly Channel[]): object {
  switch (event.kind) {
    case "call.progressed":
      return { phase: event.phase, details: event.details };
    case "call.ended":
      return {
        phase: "ended",
        ended_reason: event.ending?.reason,
        outcome: event.ending?.outcome,
        ended_rank: event.ending === null ? null : endingRank(event.ending),
        details: event.details,
      };
    case "call.reported":
      return {
        report_version: reportVersion,
        report: reportColumns(event.report),
        recordings: recordingsOf(event.report.recordings, event.sources, kept),
      };
    case "call.transcribed":
      return {
        segment_role: event.segment.role,
        segment_text: event.segment.text,
        caller_heard: event.segment.byCaller,
      };
    case "call.observed":
      return { details: event.details };
  }
}

function reportColumns(report: Report): object {
  const fields = reportFields(report);
  return {
    transcript: fields.transcript,
    messages: fields.messages,
    caller_turns: fields.callerTurns,
    summary: fields.summary,
    analysis: fields.analysis,
    cost_usd: fields.costUsd,
    cost_breakdown: fields.costBreakdown,
    started_at: timestamp(fields.startedAt),
    ended_at: timestamp(fields.endedAt),
    ended_reason: fields.ending?.reason,
    outcome: fields.ending?.outcome,
    duration_seconds: fields.durationSeconds,
    forwarded_to: fields.forwardedTo,
    details: fields.details,
    recording_url: fields.recordingUrl,
  };
}

export function recordingsOf(
  links: readonly RecordingLink[],
  sources: readonly RecordingSource[],
  kept: readonly Channel[],
): object[] | undefined {
  const channels = channelsKept(
    [...links, ...sources].map(({ channel }) => channel),
    kept,
  );
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
