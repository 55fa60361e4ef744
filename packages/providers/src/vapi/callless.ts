import type { Spoken } from "./dialect.ts";

/** Types that Vapi also sends outside of a call. */
const TYPES = new Set(["voice-request", "knowledge-base-request", "call.endpointing.request"]);
const FAMILIES = ["campaign.", "chat.", "session."];

/** Whether a message without a call's id is complete: no later release can find a call in it. */
export function isAboutNoCall({ type, message }: Spoken): boolean {
  if (message.call.id !== null) return false;
  return TYPES.has(type) || FAMILIES.some((family) => type.startsWith(family));
}
