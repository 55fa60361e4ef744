import type { Instant, Json } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { lettersOf } from "./letters.ts";
import type { Message } from "./wire.fields.ts";
import { identifierOf, labelOf, messageIn } from "./wire.fields.ts";

/** A message without its envelope. */
export type Spoken = {
  readonly dialect: "vapi" | "flat";
  /** Vapi's name of the type. Both spellings of a transcript are `transcript`. */
  readonly type: string;
  /** All fields of the message, unread. */
  readonly fields: JsonObject;
  readonly message: Message;
  /** Vapi's time of the event. The flat dialect has none: its time is a sender's clock at sending. */
  readonly occurredAt: Instant | null;
};

const FILTERED_TRANSCRIPT = /^transcript\[/i;

/** The fields in which relays put a message. */
export const ENVELOPES = [
  "message",
  "Message",
  "body",
  "payload",
  "data",
  "event",
  "detail",
  "record",
] as const;

/** The types that are read. They are recognized in any case, and with any separators. */
const TYPES: ReadonlyMap<string, string> = new Map(
  [
    "assistant-request",
    "assistant.speechStarted",
    "call.ended",
    "call.endpointing.request",
    "call.started",
    "call.transcribed",
    "campaign.predial",
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "handoff-destination-request",
    "knowledge-base-request",
    "model-output",
    "phone-call-control",
    "speech-update",
    "status-update",
    "tool-calls",
    "transcript",
    "transfer-destination-request",
    "transfer-update",
    "user-interrupted",
    "voice-input",
    "voice-request",
  ].map((type) => [lettersOf(type), type]),
);

/**
 * Removes the envelopes of a body. `{message: {type, …}}` is Vapi's form, `{type, call, …}` the flat dialect, which has
 * also the forms `{type, data: {call, …}}` and `{event, callId, …}`. A relay may put either into one of its own fields.
 * A flat `call.transcribed` also has a `message`, but without a type. Returns `null` if the body has no type, or
 * several messages.
 */
export function spokenIn(body: JsonObject): Spoken | null {
  const held = heldIn(body, "flat");
  return held === null ? null : spoken(held.dialect, held.type, held.fields);
}

type Held = Pick<Spoken, "dialect" | "type" | "fields"> & { readonly namesCall: boolean };

/** Returns the message in an envelope. One that names its call wins over those that do not. */
function heldIn(body: JsonObject, dialect: Spoken["dialect"]): Held | null {
  const type = typeIn(body);
  const own = type === null ? null : { dialect, type, fields: body, namesCall: namesCall(body) };
  const { message } = body;
  const vapi = isObject(message) ? heldIn(message, "vapi") : null;
  if (vapi?.namesCall) return vapi;
  if (own?.namesCall) return own;
  const inner = ENVELOPES.map((name) => body[name]).filter(isObject);
  const held = inner.filter((one) => one !== message).flatMap((one) => heldIn(one, "flat") ?? []);
  const complete = held.filter((one) => one.namesCall);
  if (complete.length > 0) return only(complete);
  const content = only(inner.filter(namesCall));
  if (type !== null && content !== null) {
    return { dialect, type, fields: { ...without(body, content), ...content, type }, namesCall: true };
  }
  if (vapi !== null) return vapi;
  if (typeof body.type !== "string" || own === null) return only(held);
  return isObject(body.data) ? { ...own, fields: { ...body, ...body.data, type: body.type } } : own;
}

function without(body: JsonObject, field: Json): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, one]) => one !== field));
}

function only<T>(list: readonly T[]): T | null {
  return list.length === 1 ? (list[0] ?? null) : null;
}

/** Returns the type of a message as its sender writes it, `null` if it has none. */
export function typeIn({ type, event, eventType, event_type }: JsonObject): string | null {
  const named = [type, event, eventType, event_type].find((one) => typeof one === "string");
  return typeof named === "string" ? named : null;
}

function namesCall({ call, callId, call_id }: JsonObject): boolean {
  return isObject(call) || [call, callId, call_id].some((id) => identifierOf(id) !== null);
}

function spoken(dialect: Spoken["dialect"], wireType: string, fields: JsonObject): Spoken {
  const known = FILTERED_TRANSCRIPT.test(wireType) ? "transcript" : TYPES.get(lettersOf(wireType));
  const type = known ?? labelOf(wireType) ?? "unknown";
  const message = messageIn(fields);
  return { dialect, type, fields, message, occurredAt: dialect === "vapi" ? message.timestamp : null };
}
