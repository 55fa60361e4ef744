import type { Spoken } from "./dialect.ts";
import { typeIn } from "./dialect.ts";
import { transcriptIn } from "./wire.fields.ts";

/** Cumulative messages, or many in a second. The report and the final transcripts have their content. */
const CHATTER = new Set([
  "conversation-update",
  "speech-update",
  "model-output",
  "voice-input",
  "assistant.speechStarted",
]);

/** Returns whether a message has nothing that is stored: chatter, partial transcripts and simulations. */
export function isChatter(spoken: Spoken): boolean {
  const { type } = spoken;
  if (CHATTER.has(type) || type.startsWith("simulation.run.")) return true;
  return (type === "transcript" || type === "call.transcribed") && isPartial(spoken);
}

/** The type itself can say it, `transcript[transcriptType="final"]`, or a field. */
function isPartial({ fields }: Spoken): boolean {
  const wireType = typeIn(fields) ?? "";
  if (wireType.includes("[")) return /partial/i.test(wireType);
  return transcriptIn(fields).transcriptType === "partial";
}
