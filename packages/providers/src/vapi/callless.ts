import { isObject } from "../common/json-body.ts";
import type { Spoken } from "./dialect.ts";
import { identifierOf } from "./wire.fields.ts";

/** Types that Vapi also sends outside of a call. */
const TYPES = new Set(["voice-request", "knowledge-base-request", "call.endpointing.request"]);
const FAMILIES = ["campaign.", "chat.", "session."];

/**
 * Returns whether a message without a call's id is complete, so that no later release can find a call in it. A chat and
 * a session send messages of any type, such as tool calls.
 */
export function isAboutNoCall({ type, fields: { call, chat, session } }: Spoken): boolean {
  const isWritten =
    !isObject(call) && [chat, session].some((one) => isObject(one) && identifierOf(one.id) !== null);
  return isWritten || TYPES.has(type) || FAMILIES.some((family) => type.startsWith(family));
}
