import type { CallFilters } from "@call-ledger/contract/calls";

type Choices<Name extends keyof CallFilters> = readonly (NonNullable<
  CallFilters[Name]
> extends readonly (infer One)[]
  ? One
  : never)[];

/** The choices of the list's filters, in the order of their menus. */
export const OUTCOMES: Choices<"outcome"> = [
  "completed",
  "forwarded",
  "no_answer",
  "busy",
  "voicemail",
  "canceled",
  "failed",
  "unknown",
];
export const PHASES: Choices<"phase"> = [
  "scheduled",
  "queued",
  "ringing",
  "in_progress",
  "forwarding",
  "ended",
];
/** The phases of calls that have not ended, as a filter of the list. */
export const LIVE = PHASES.filter((phase) => phase !== "ended").join(",");
export const DIRECTIONS: Choices<"direction"> = ["inbound", "outbound", "web"];
export const ATTENTION: Choices<"attention"> = [
  "any",
  "missing_report",
  "no_caller_speech",
  "recording_failed",
  "stuck",
];
export const RECORDINGS: Choices<"recording_state"> = [
  "stored",
  "pending",
  "fetching",
  "failed",
  "expired",
  "none",
];
