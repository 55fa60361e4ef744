import type { Spoken } from "./dialect.ts";
import { transcriptSchema } from "./wire.schema.ts";

/** Cumulative or many a second; the report and the final transcripts say it again. */
const CHATTER = new Set([
  "conversation-update",
  "speech-update",
  "model-output",
  "voice-input",
  "assistant.speechStarted",
]);

/** Whether a message says nothing that is kept: chatter, partial transcripts and simulations. */
export function isChatter(spoken: Spoken): boolean {
  const { type } = spoken;
  if (CHATTER.has(type) || type.startsWith("simulation.run.")) return true;
  return (type === "transcript" || type === "call.transcribed") && isPartial(spoken);
}

/** The type can say it itself, `transcript[transcriptType="final"]`, else a field does. */
function isPartial({ fields }: Spoken): boolean {
  const wireType = String(fields.type);
  if (wireType.includes("[")) return wireType.includes("partial");
  return transcriptSchema.parse(fields).transcriptType === "partial";
}
