import type { Instant } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import type { Message } from "./wire.schema.ts";
import { labelOf, messageSchema } from "./wire.schema.ts";

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

const FILTERED_TRANSCRIPT = /^transcript\[/;

/**
 * Removes the envelope of a body: `{message: {type, …}}` is Vapi's form, `{type, call, …}` the flat dialect, which has also
 * the forms `{type, data: {call, …}}` and `{event, callId, …}`. A flat `call.transcribed` also has a `message`, but without
 * a type. Returns `null` if the body has no type.
 */
export function spokenIn(body: JsonObject): Spoken | null {
  const { message, type, data, event } = body;
  if (isObject(message) && typeof message.type === "string") return spoken("vapi", message.type, message);
  if (typeof type === "string")
    return spoken("flat", type, isObject(data) ? { ...body, ...data, type } : body);
  const namesCall = isObject(body.call) || typeof body.callId === "string";
  return typeof event === "string" && namesCall ? spoken("flat", event, body) : null;
}

function spoken(dialect: Spoken["dialect"], wireType: string, fields: JsonObject): Spoken {
  const type = FILTERED_TRANSCRIPT.test(wireType) ? "transcript" : (labelOf(wireType) ?? "unknown");
  const message = messageSchema.parse(fields);
  return { dialect, type, fields, message, occurredAt: dialect === "vapi" ? message.timestamp : null };
}
