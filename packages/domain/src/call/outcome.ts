import type { Json } from "../text/json.ts";

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

/**
 * The meaning of an ending's reason, without regard to whether the caller spoke: an outcome, `silence` (the call ended
 * because nobody spoke) or `delivered` (the provider says that the call did what it was made for).
 */
export const ENDING_WORDS = [...OUTCOMES, "silence", "delivered"] as const;
export type EndingWord = (typeof ENDING_WORDS)[number];

/**
 * The outcome by the word of the ending and by the caller's turns. A word that is not in this table is its own outcome.
 * `completed` is taken for a conversation until it is known that the caller said nothing; `silence` is not.
 * The SQL twin is outcome_of_ending.
 */
const BY_CALLER: Partial<Record<EndingWord, Record<"spoke" | "silent" | "unknown", Outcome>>> = {
  completed: { spoke: "completed", silent: "no_answer", unknown: "completed" },
  silence: { spoke: "completed", silent: "no_answer", unknown: "unknown" },
  delivered: { spoke: "completed", silent: "completed", unknown: "completed" },
};

/** Returns the outcome of an ended call. `callerTurns` is the number of the caller's turns, `null` if unknown. */
export function outcomeOfEnding(word: EndingWord, callerTurns: number | null): Outcome {
  const caller = callerTurns === null ? "unknown" : callerTurns === 0 ? "silent" : "spoke";
  return BY_CALLER[word]?.[caller] ?? presumedOutcome(word);
}

/** Returns whether a call that may have been a conversation is known to be one in which the caller said nothing. */
export function isOfSilence(word: EndingWord, callerTurns: number | null): boolean {
  return callerTurns === 0 && (word === "completed" || word === "silence");
}

/** The outcome of a word if nothing is known of the caller. Older releases have stored this outcome. */
function presumedOutcome(word: EndingWord): Outcome {
  return word === "silence" || word === "delivered" ? "completed" : word;
}

/** The weakest outcome first: evidence that somebody answered is stronger than evidence that nobody did. */
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

/** How a call ended, and why. `reason` is the provider's own word; it is always kept and determines `outcome`. */
export type Ending = { readonly reason: string | null; readonly outcome: EndingWord };

/** Returns an ending as part of an event's identity. Equal endings give the same ids as in older releases. */
export function endingContent(ending: Ending | null): Json {
  return ending === null ? null : { reason: ending.reason, outcome: presumedOutcome(ending.outcome) };
}

/**
 * Returns the fixed rank, 0 to 8, by which two endings of one call are compared.
 * An ending without a reason ranks below every ending with one.
 */
export function endingRank(ending: Ending): number {
  return ending.reason === null ? 0 : 1 + BY_STRENGTH.indexOf(presumedOutcome(ending.outcome));
}
