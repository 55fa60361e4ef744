import type { Spoken } from "./dialect.ts";

/** Types that Vapi also sends outside of a call. */
const TYPES = new Set(["voice-request", "knowledge-base-request", "call.endpointing.request"]);
const FAMILIES = ["campaign.", "chat.", "session."];

/** Returns whether a message without a call's id is complete, so that no later release can find a call in it. */
export function isAboutNoCall({ type }: Spoken): boolean {
  return TYPES.has(type) || FAMILIES.some((family) => type.startsWith(family));
}
