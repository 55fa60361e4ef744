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

/** Whether a message says nothing that is kept: chatter, partial transcripts, and what is about no call. */
export function isChatter(spoken: Spoken): boolean {
  const { type, message } = spoken;
  if (CHATTER.has(type) || type.startsWith("simulation.run.")) return true;
  if (type.startsWith("chat.") || type.startsWith("session.")) return message.call.id === null;
  return type === "transcript" && isPartial(spoken);
}

/** The type can say it itself, `transcript[transcriptType="final"]`, else a field does. */
function isPartial({ fields }: Spoken): boolean {
  const wireType = String(fields.type);
  if (wireType.includes("[")) return wireType.includes("partial");
  return transcriptSchema.parse(fields).transcriptType === "partial";
}
