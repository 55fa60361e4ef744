import type { Scenario } from "../scenario.ts";
import type { SimulatedOutcome } from "../simulated-call.ts";

const REASONS: Readonly<Record<SimulatedOutcome, readonly string[]>> = {
  completed: [
    "customer-ended-call",
    "customer-ended-call",
    "assistant-ended-call",
    "assistant-said-end-call-phrase",
    "silence-timed-out",
  ],
  no_answer: ["customer-did-not-answer"],
  busy: ["customer-busy"],
  voicemail: ["voicemail"],
  forwarded: ["assistant-forwarded-call"],
  canceled: ["manually-canceled"],
  failed: [
    "call.in-progress.error-providerfault-openai-503-server-overloaded-error",
    "call.in-progress.error-vapifault-deepgram-transcriber-failed",
    "pipeline-error-eleven-labs-voice-failed",
    "worker-shutdown",
  ],
};
const HUNG_UP_BEFORE = "call.ringing.sip-inbound-caller-hungup-before-call-connect";
const FAILED_BEFORE = [
  "call.start.error-get-transport",
  "call.start.error-subscription-concurrency-limit-reached",
];

/** Returns Vapi's word for the ending of a call. */
export function endedReasonOf({ direction, outcome, answeredAt, isSample, random }: Scenario): string {
  if (outcome === "completed" && isSample) return "customer-ended-call";
  if (outcome === "canceled" && direction === "inbound") return HUNG_UP_BEFORE;
  return random.pick(outcome === "failed" && answeredAt === null ? FAILED_BEFORE : REASONS[outcome]);
}
