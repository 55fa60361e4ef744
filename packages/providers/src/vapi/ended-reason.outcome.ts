import type { Ending, EndingWord } from "@call-ledger/domain";

/**
 * Vapi's reasons (`CallEndedReason` of @vapi-ai/server-sdk 2.0.1) that are not failures. Every other reason is a
 * failure or unknown. The words of telephone carriers are among them. The list grows every month. Reason and caller's
 * turns together give the outcome: `outcomeOfEnding` in packages/domain/src/call/outcome.ts.
 */
const REASONS: readonly (readonly [EndingWord, readonly string[]])[] = [
  [
    // A person hung up or time ran out. This is a conversation, unless it is known that the caller said nothing.
    "completed",
    [
      "customer-ended-call",
      "assistant-ended-call",
      "assistant-ended-call-with-hangup-task",
      "assistant-said-end-call-phrase",
      "exceeded-max-duration",
      "completed",
    ],
  ],
  [
    // The line was silent at the end. This is a conversation only if it is known that the caller spoke.
    "silence",
    ["silence-timed-out"],
  ],
  [
    // Vapi itself says that the call reached its end: its message was spoken, the carrier completed it, or a person
    // took over.
    "delivered",
    [
      "assistant-ended-call-after-message-spoken",
      "customer-ended-call-before-warm-transfer",
      "customer-ended-call-after-warm-transfer-attempt",
      "customer-ended-call-during-transfer",
      "vonage-completed",
      "call.in-progress.twilio-completed-call",
      "call.in-progress.sip-completed-call",
      "call.ending.hook-executed-say",
    ],
  ],
  [
    "forwarded",
    [
      "assistant-forwarded-call",
      "assistant-request-returned-forwarding-phone-number",
      "call.ringing.hook-executed-transfer",
      "call.ending.hook-executed-transfer",
    ],
  ],
  [
    // Vapi's own diagnosis counts these two SIP codes as "nobody answered", in spite of their names.
    "no_answer",
    [
      "customer-did-not-answer",
      "no-answer",
      "call.in-progress.error-providerfault-outbound-sip-408-request-timeout",
      "call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable",
    ],
  ],
  ["busy", ["customer-busy", "busy"]],
  ["voicemail", ["voicemail"]],
  [
    "canceled",
    [
      "manually-canceled",
      "canceled",
      "cancelled",
      "scheduled-call-deleted",
      "call-deleted",
      "call.ringing.sip-inbound-caller-hungup-before-call-connect",
      "call.ringing.hook-executed-say",
    ],
  ],
  [
    "failed",
    [
      "assistant-join-timed-out",
      "call.forwarding.no-answer",
      "call.forwarding.operator-busy",
      "customer-did-not-give-microphone-permission",
      "vonage-disconnected",
      "vonage-rejected",
      "worker-shutdown",
    ],
  ],
];

const WORDS = new Map(
  REASONS.flatMap(([outcome, reasons]) => reasons.map((reason) => [reason, outcome] as const)),
);
/**
 * "Busy here" and "busy everywhere" of the callee (RFC 3261). Vapi has names only for other codes of this family so
 * far.
 */
const SIP_BUSY = /-outbound-sip-(?:486|600)-/;
const FAILURE_FAMILY =
  /^(?:pipeline-|call\.start\.|assistant-request-|assistant-not-|phone-call-provider-|twilio-)|error|fault|failed/;

/**
 * Returns the outcome of an `endedReason`. A reason that is not in Vapi's published list is `failed` if it looks like a
 * failure, otherwise `unknown`.
 */
export function wordOf(given: string): EndingWord {
  const reason = given.toLowerCase().replaceAll(/[_ ]/g, "-");
  const word = WORDS.get(reason);
  if (word !== undefined) return word;
  if (SIP_BUSY.test(reason)) return "busy";
  return FAILURE_FAMILY.test(reason) ? "failed" : "unknown";
}

/** Returns the ending of a reason, `null` without a reason. */
export function endingOf(reason: string | null): Ending | null {
  return reason === null ? null : { reason, outcome: wordOf(reason) };
}

/**
 * Vapi's names for the cause of an ending: its own fault (`vapifault`, its workers), or a vendor's (`providerfault`).
 */
const FAULT = /vapifault|providerfault|^(?:.*error-)?worker-(?:shutdown|not-available)/;

export function isVapiFault(reason: string): boolean {
  // A number that is busy or does not answer is not a fault, whatever the reason's name is.
  return FAULT.test(reason) && wordOf(reason) === "failed";
}
