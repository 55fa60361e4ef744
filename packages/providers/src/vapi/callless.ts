import type { Spoken } from "./dialect.ts";

/** Types that Vapi also sends outside of a call. */
const TYPES = new Set(["voice-request", "knowledge-base-request", "call.endpointing.request"]);
const FAMILIES = ["campaign.", "chat.", "session."];

/** Whether a message, of which no call's id was read, is complete: no later release can find a call in it. */
export function isAboutNoCall({ type }: Spoken): boolean {
  return TYPES.has(type) || FAMILIES.some((family) => type.startsWith(family));
}
