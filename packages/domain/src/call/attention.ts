/**
 * Why somebody should look at a call. `stuck`: it has not ended, and nothing was heard of it for too long.
 * `missing_report`: it has ended, and its report is overdue. `no_caller_speech`: it was answered, and the caller said
 * nothing. The first two depend on the clock: a sweep sets them, and a late event takes them back.
 */
export const ATTENTION_MARKS = ["stuck", "missing_report", "no_caller_speech"] as const;
export type AttentionMark = (typeof ATTENTION_MARKS)[number];
