/**
 * The reasons why a person should look at a call. `stuck`: the call has not ended, and no event of it came for too
 * long. `missing_report`: the call has ended, and its report is overdue. `no_caller_speech`: the call was answered, and
 * the caller said nothing. The first two depend on the clock: a sweep sets them, and a late event removes them.
 */
export const ATTENTION_MARKS = ["stuck", "missing_report", "no_caller_speech"] as const;
export type AttentionMark = (typeof ATTENTION_MARKS)[number];
