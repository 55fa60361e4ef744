import type { Instant } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import type { Message } from "./wire.schema.ts";
import { labelOf, messageSchema } from "./wire.schema.ts";

/** A message out of its envelope. */
export type Spoken = {
  readonly dialect: "vapi" | "flat";
  /** Vapi's name for it; both spellings of a transcript are `transcript`. */
  readonly type: string;
  /** Everything that the message carries, unread. */
  readonly fields: JsonObject;
  readonly message: Message;
  /** Vapi's time of it. The flat dialect has none: what stands there is a sender's clock at sending. */
  readonly occurredAt: Instant | null;
};

const FILTERED_TRANSCRIPT = /^transcript\[/;

/**
 * Takes a body out of its envelope: `{message: {type, …}}` is Vapi's, `{type, call, …}` the flat dialect.
 * A flat `call.transcribed` has a `message` as well, one without a type. `null` where nothing says what it is.
 */
export function spokenIn(body: JsonObject): Spoken | null {
  const { message, type } = body;
  if (isObject(message) && typeof message.type === "string") return spoken("vapi", message.type, message);
  return typeof type === "string" ? spoken("flat", type, body) : null;
}

function spoken(dialect: Spoken["dialect"], wireType: string, fields: JsonObject): Spoken {
  const type = FILTERED_TRANSCRIPT.test(wireType) ? "transcript" : (labelOf(wireType) ?? "unknown");
  const message = messageSchema.parse(fields);
  return { dialect, type, fields, message, occurredAt: dialect === "vapi" ? message.timestamp : null };
}
