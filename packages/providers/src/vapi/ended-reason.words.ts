/** The sentences for the most frequent reasons. */
const SENTENCES: Readonly<Record<string, string>> = {
  "customer-ended-call": "The customer hung up.",
  "assistant-ended-call": "The agent hung up.",
  "assistant-ended-call-with-hangup-task": "The agent hung up, as it was told to.",
  "assistant-ended-call-after-message-spoken": "The agent spoke its message and hung up.",
  "assistant-said-end-call-phrase": "The agent said its closing phrase and hung up.",
  "assistant-forwarded-call": "The agent put the call through.",
  "assistant-join-timed-out": "The agent did not join in time.",
  "assistant-not-found": "The agent does not exist.",
  "assistant-not-valid": "The agent's configuration is not valid.",
  "assistant-request-failed": "The server that names the agent did not answer.",
  "assistant-request-returned-error": "The server that names the agent answered with an error.",
  "assistant-request-returned-unspeakable-error": "The server that names the agent answered with an error.",
  "assistant-request-returned-invalid-assistant":
    "The server that names the agent named one that is not valid.",
  "assistant-request-returned-no-assistant": "The server that names the agent named none.",
  "assistant-request-returned-forwarding-phone-number": "The call was put through without an agent.",
  "customer-busy": "The line was busy.",
  "customer-did-not-answer": "Nobody answered.",
  "customer-did-not-give-microphone-permission": "The browser was not allowed to use the microphone.",
  "customer-ended-call-before-warm-transfer": "The customer hung up before the call was put through.",
  "customer-ended-call-after-warm-transfer-attempt":
    "The customer hung up after a try to put the call through.",
  "customer-ended-call-during-transfer": "The customer hung up while the call was put through.",
  "exceeded-max-duration": "The call reached the longest time that it may take.",
  "manually-canceled": "Somebody canceled the call.",
  "scheduled-call-deleted": "The scheduled call was deleted.",
  "call-deleted": "The call was deleted.",
  "silence-timed-out": "The line was silent for too long.",
  voicemail: "A voicemail answered.",
  "worker-shutdown": "The provider stopped the machine that handled the call.",
  "call.forwarding.no-answer": "Nobody answered where the call was put through to.",
  "call.forwarding.operator-busy": "The line was busy where the call was put through to.",
  "call.ringing.hook-executed-say": "The call was answered with a message and ended.",
  "call.ringing.hook-executed-transfer": "The call was put through before the agent answered.",
  "call.ending.hook-executed-say": "A closing message was spoken.",
  "call.ending.hook-executed-transfer": "The call was put through at its end.",
  "call.ringing.sip-inbound-caller-hungup-before-call-connect":
    "The customer hung up before the call was connected.",
  "call.in-progress.twilio-completed-call": "The telephone carrier ended the call.",
  "call.in-progress.sip-completed-call": "The telephone carrier ended the call.",
  "vonage-completed": "The telephone carrier ended the call.",
  "twilio-failed-to-connect-call": "The telephone carrier could not connect the call.",
  "vonage-failed-to-connect-call": "The telephone carrier could not connect the call.",
  "twilio-reported-customer-misdialed": "The number does not exist.",
  "phone-call-provider-closed-websocket": "The telephone carrier closed the connection.",
  "call.in-progress.error-providerfault-outbound-sip-408-request-timeout": "Nobody answered.",
  "call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable": "Nobody answered.",
};

/** Families of failures, by the beginning of their names. The rest of the name says what has failed. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^call\.start\.error-(?:vapifault-|providerfault-|configfault-)?/, "The call could not be started"],
  [/^call\.ringing\.error-(?:vapifault-|providerfault-|configfault-)?/, "The call could not be connected"],
  [/^call\.in-progress\.error-providerfault-/, "A service that the agent uses has failed"],
  [/^call\.in-progress\.error-configfault-/, "The agent's configuration is wrong"],
  [/^call\.in-progress\.error-(?:vapifault-)?/, "The call failed"],
  [/^pipeline-(?:error-)?/, "The call failed"],
];

const NAMES: Readonly<Record<string, string>> = {
  ai: "AI",
  api: "API",
  llm: "LLM",
  openai: "OpenAI",
  sip: "SIP",
  vapi: "Vapi",
  xai: "xAI",
};

/** Returns the meaning of an `endedReason` as a sentence. */
export function vapiEndedReason(reason: string): string {
  const sentence = Object.hasOwn(SENTENCES, reason) ? SENTENCES[reason] : undefined;
  if (sentence !== undefined) return sentence;
  for (const [beginning, means] of FAMILIES) {
    const rest = plain(reason.replace(beginning, ""));
    if (beginning.test(reason)) return rest === "" ? `${means}.` : `${means}: ${rest}.`;
  }
  const words = plain(reason);
  return words === ""
    ? "The provider gives no reason."
    : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function plain(reason: string): string {
  const words = reason.split(/[-_.\s]+/).filter((word) => word !== "");
  return words.map((word) => (Object.hasOwn(NAMES, word) ? NAMES[word] : word)).join(" ");
}
