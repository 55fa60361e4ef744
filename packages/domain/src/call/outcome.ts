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
 * What the reason of an ending says of the outcome, before it is known whether the caller spoke: an outcome, or
 * `silence` (it ended because nobody spoke) or `delivered` (the provider says itself that the call did what it was for).
 */
export const ENDING_WORDS = [...OUTCOMES, "silence", "delivered"] as const;
export type EndingWord = (typeof ENDING_WORDS)[number];

/**
 * The outcome by what the ending says and by what is known of the caller's turns; a word that is missing is its own
 * outcome in any case. A conversation is presumed of `completed` until it is known that the caller said nothing, and not
 * presumed of `silence`. The SQL twin is outcome_of_ending.
 */
const BY_CALLER: Partial<Record<EndingWord, Record<"spoke" | "silent" | "unknown", Outcome>>> = {
  completed: { spoke: "completed", silent: "no_answer", unknown: "completed" },
  silence: { spoke: "completed", silent: "no_answer", unknown: "unknown" },
  delivered: { spoke: "completed", silent: "completed", unknown: "completed" },
};

/** The outcome of an ended call. `callerTurns`: how often the caller spoke, `null`: not known. */
export function outcomeOfEnding(word: EndingWord, callerTurns: number | null): Outcome {
  const caller = callerTurns === null ? "unknown" : callerTurns === 0 ? "silent" : "spoke";
  return BY_CALLER[word]?.[caller] ?? presumedOutcome(word);
}

/** Whether a call that could have been a conversation is known to have had no word of the caller. */
export function isOfSilence(word: EndingWord, callerTurns: number | null): boolean {
  return callerTurns === 0 && (word === "completed" || word === "silence");
}

/** The outcome that a word stands for where nothing is known of the caller: what older releases have stored for it. */
function presumedOutcome(word: EndingWord): Outcome {
  return word === "silence" || word === "delivered" ? "completed" : word;
}

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

/** How a call ended and why; `reason` is the provider's own word, always kept, and decides which word `outcome` is. */
export type Ending = { readonly reason: string | null; readonly outcome: EndingWord };

/** An ending as it stands in an identity. The reason decides the rest, so ids stay as older releases have made them. */
export function endingContent(ending: Ending | null): Json {
  return ending === null ? null : { reason: ending.reason, outcome: presumedOutcome(ending.outcome) };
}

/**
 * The fixed rank by which two endings of one call are compared, 0 to 8.
 * An ending without a reason ranks below every ending with one.
 */
export function endingRank(ending: Ending): number {
  return ending.reason === null ? 0 : 1 + BY_STRENGTH.indexOf(presumedOutcome(ending.outcome));
}
