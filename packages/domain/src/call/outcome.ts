/** How a call ended, provider-neutral. */
export const OUTCOMES = [
  "completed",
  "forwarded",
  "no_answer",
  "busy",
  "voicemail",
  "canceled",
  "failed",
  "unknown",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Weakest first: evidence that somebody was spoken to beats evidence that nobody was. */
const BY_STRENGTH: readonly Outcome[] = [
  "unknown",
  "failed",
  "canceled",
  "no_answer",
  "busy",
  "voicemail",
  "completed",
  "forwarded",
];

/** How a call ended and why; `reason` is the provider's own word, always kept. */
export type Ending = { readonly reason: string | null; readonly outcome: Outcome };

/**
 * The fixed rank by which two endings of one call are compared, 0 to 8.
 * An ending without a reason ranks below every ending with one.
 */
export function endingRank(ending: Ending): number {
  return ending.reason === null ? 0 : 1 + BY_STRENGTH.indexOf(ending.outcome);
}
